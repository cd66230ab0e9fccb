//go:build !js

package login

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/passkey"
	"madoguchi/frontend/reach/vault"
	accessv1 "madoguchi/proto/gen/access/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// The list that people read is the contract's: what asks for the card stands in it, and nothing else does.
func TestWhatNeedsTheCardIsSaid(t *testing.T) {
	var asked []string
	services := portalv1.File_portal_v1_login_proto.Package()
	protoregistry.GlobalFiles.RangeFilesByPackage(services, func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				rule, _ := proto.GetExtension(methods.Get(j).Options(), accessv1.E_Access).(*accessv1.Access)
				for _, purpose := range []string{rule.GetCardPurpose(), rule.GetCardPurposeForSome()} {
					if purpose != "" {
						asked = append(asked, purpose)
					}
				}
			}
		}
		return true
	})
	slices.Sort(asked)
	var said []string
	for _, a := range cardActs {
		said = append(said, a.purpose)
		if a.act.Empty() {
			t.Errorf("%s has no words", a.purpose)
		}
	}
	slices.Sort(said)
	if asked = slices.Compact(asked); !slices.Equal(asked, said) {
		t.Errorf("the contract asks for the card for %v, people read of %v", asked, said)
	}
}

func TestACodeAsItIsTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"123456": "123456", "123 456": "123456", "１２３４５６": "123456", " 12-34-56　": "123456", "": "", "abc": "",
	} {
		if got := digits(typed); got != want {
			t.Errorf("%q is %q, want %q", typed, got, want)
		}
	}
}

// Whatever the device or the portal says has words of its own.
func TestEachFailureHasItsWords(t *testing.T) {
	seen := map[string]bool{}
	for _, err := range []error{
		passkey.ErrUnsupported, passkey.ErrDeclined, passkey.ErrKnown, passkey.ErrAddress, passkey.ErrUnable,
		errors.New("what nobody foresaw"),
	} {
		told := passkeyFailure(fmt.Errorf("of the device: %w", err))
		if !told.Is() || told.Means.Empty() || told.Do.Empty() || seen[told.What.String()] {
			t.Errorf("%v: %v", err, told)
		}
		seen[told.What.String()] = true
	}
}

// The way that was used last comes first; a shared device remembers none, and the card needs no remembering.
func TestTheWayUsedLastIsRemembered(t *testing.T) {
	vault.Clear()
	t.Cleanup(vault.Clear)
	shell.SetSession(shell.Session{State: shell.LoggedOut})
	used(wayPasskey, true)
	if got := vault.Kept(vault.LoginWayKey); got != "" {
		t.Errorf("a shared device remembers %q", got)
	}
	used(wayPasskey, false)
	if got := vault.Kept(vault.LoginWayKey); got != wayPasskey || len(vault.Left()[vault.LoginWay]) != 1 {
		t.Errorf("remembered is %q, among %v", got, vault.Left())
	}
	used(wayCard, false)
	if got := vault.Kept(vault.LoginWayKey); got != "" {
		t.Errorf("after the card it is %q", got)
	}
}
