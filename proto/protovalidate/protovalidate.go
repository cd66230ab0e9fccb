// Package protovalidate brings along what the rules on fields are written in: the descriptors of validate.proto, which
// stands here as protovalidate's authors publish it, under its own licence. Generated code imports this package in
// place of theirs (buf.gen.yaml). In the page it is empty: a page needs no rules, only the limits that are generated
// from them, and the descriptors would weigh 18.5 kB there, compressed.
package protovalidate
