package access

import (
	"strings"
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// declared has what the contracts that are part of this program say of every procedure that is not like most: what a
// door must know before it knows which services it serves.
var declared = sync.OnceValue(func() (d struct{ unattended, stream map[string]bool }) {
	d.unattended, d.stream = map[string]bool{}, map[string]bool{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				method := methods.Get(j)
				rule, marked := optionOf(method)
				if marked && rule.GetUnattended() {
					d.unattended[procedureOf(method)] = true
				}
				if marked && method.IsStreamingServer() {
					d.stream[procedureOf(method)] = true
				}
			}
		}
		return true
	})
	return d
})

// procedureOf is a method as its address names it: "/portal.v1.NoticeService/ListNotices".
func procedureOf(method protoreflect.MethodDescriptor) string {
	return "/" + string(method.Parent().FullName()) + "/" + string(method.Name())
}

// methodOf finds the method of a procedure; nil when no contract has it.
func methodOf(procedure string) protoreflect.MethodDescriptor {
	name := strings.ReplaceAll(strings.TrimPrefix(procedure, "/"), "/", ".")
	found, _ := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	method, _ := found.(protoreflect.MethodDescriptor)
	return method
}

// Unattended tells whether pages make a call by themselves: it is no sign of the person then.
func Unattended(procedure string) bool { return declared().unattended[procedure] }

// IsStream tells whether a call stays open: it ends when the session does.
func IsStream(procedure string) bool { return declared().stream[procedure] }
