-- +goose Up

-- By what a person's exchanges can be narrowed is counted along an index, of which it is all that is read.
DROP INDEX exchange_asker;
CREATE INDEX exchange_facts ON exchange (folder_id, asker, provider, duty, result, year);

-- +goose Down
DROP INDEX exchange_facts;
CREATE INDEX exchange_asker ON exchange (folder_id, asker);
