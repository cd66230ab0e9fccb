package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Content gives the digest of a request that is to be made, as it came in: what the card is shown again for. It is an
// error when the procedure asks for no card for this purpose, or has no such request.
func Content(procedure string, request []byte, purpose string) (string, error) {
	method := methodOf(procedure)
	if method == nil {
		return "", errors.New("no contract has such a procedure")
	}
	rule, _ := optionOf(method)
	if purpose == "" || rule.GetCardPurpose() != purpose && rule.GetCardPurposeForSome() != purpose {
		return "", fmt.Errorf("%s does not ask for the card for that purpose", method.FullName())
	}
	message := dynamicpb.NewMessage(method.Input())
	if err := proto.Unmarshal(request, message); err != nil {
		return "", fmt.Errorf("it is no request of %s", method.FullName())
	}
	return digest(procedure, message), nil
}

// digest stands for what is asked for: the procedure and the request, without proofs of the card, which differ each
// time.
func digest(procedure string, request proto.Message) string {
	bare := proto.Clone(request)
	proofs := (*portalv1.CardProof)(nil).ProtoReflect().Descriptor().FullName()
	bare.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		if field.Message() != nil && field.Message().FullName() == proofs {
			bare.ProtoReflect().Clear(field)
		}
		return true
	})
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(bare)
	if err != nil {
		panic(fmt.Sprintf("a request of %s that came in cannot be written: %v", procedure, err))
	}
	sum := sha256.Sum256(append([]byte(procedure+"\x00"), encoded...))
	return hex.EncodeToString(sum[:])
}

// SpendCard uses up, within a transaction, that the card was shown again for a purpose and for the call under way: each
// showing is for one request, once. It says whether there was one that still counts. An RPC whose option names a
// card_purpose has it done by the interceptor.
func SpendCard(ctx context.Context, q *db.Queries, purpose string, now time.Time) (bool, error) {
	content := ""
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		content = c.content
	}
	spent, err := q.SessionSpendCard(ctx, db.SessionSpendCardParams{
		TokenHash: FromContext(ctx).SessionHash, CardPurpose: purpose, Since: now.Add(-CardFresh).UnixMilli(),
		Content: content,
	})
	if err != nil {
		return false, fmt.Errorf("using up a showing of the card: %w", err)
	}
	return spent > 0, nil
}
