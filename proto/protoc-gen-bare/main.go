// Command protoc-gen-bare writes the Go code of the contract: what protoc-gen-go writes, and, for what the page speaks,
// bare structs beside it (proto/wire/bare says what those are). A browser gets the bare ones under the same import
// path: there, protoc-gen-go's files are not built, and one of aliases is. `make proto` runs it; protoc-gen-go must be
// on the PATH.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"
)

// spoken are the packages of the contract that the page speaks.
var spoken = map[string]bool{"portal.v1": true, "bridge.v2": true}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "protoc-gen-bare:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	asked, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	request := &pluginpb.CodeGeneratorRequest{}
	if err := proto.Unmarshal(asked, request); err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	plugin, err := protogen.Options{}.New(request)
	if err != nil {
		return err
	}
	response, err := runtimes(asked)
	if err != nil {
		return err
	}
	if err := keepFromPage(plugin, response); err != nil {
		return err
	}
	if err := writeBare(plugin); err != nil {
		return err
	}
	own := plugin.Response()
	if own.Error != nil {
		return errors.New(own.GetError())
	}
	response.File = append(response.File, own.File...)
	answer, err := proto.Marshal(response)
	if err != nil {
		return fmt.Errorf("writing the response: %w", err)
	}
	_, err = out.Write(answer)
	return err
}

// runtimes is what protoc-gen-go answers.
func runtimes(asked []byte) (*pluginpb.CodeGeneratorResponse, error) {
	command := exec.Command("protoc-gen-go")
	command.Stdin = bytes.NewReader(asked)
	command.Stderr = os.Stderr
	answer, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("protoc-gen-go: %w", err)
	}
	response := &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(answer, response); err != nil {
		return nil, fmt.Errorf("reading what protoc-gen-go wrote: %w", err)
	}
	if response.Error != nil {
		return nil, fmt.Errorf("protoc-gen-go: %s", response.GetError())
	}
	return response, nil
}

// keepFromPage has the files that protoc-gen-go wrote built for everything but the page.
func keepFromPage(plugin *protogen.Plugin, response *pluginpb.CodeGeneratorResponse) error {
	written := map[string]*pluginpb.CodeGeneratorResponse_File{}
	for _, file := range response.File {
		written[file.GetName()] = file
	}
	for _, file := range plugin.Files {
		if !file.Generate || !spoken[string(file.Desc.Package())] {
			continue
		}
		its := written[file.GeneratedFilenamePrefix+".pb.go"]
		if its == nil {
			return fmt.Errorf("protoc-gen-go wrote no %s.pb.go", file.GeneratedFilenamePrefix)
		}
		its.Content = new("//go:build !js\n\n" + its.GetContent())
	}
	return nil
}

// root is where the contract's Go code stands, and the bare one below it.
const root = "madoguchi/proto/gen/"

// bareHome is the import path of the bare structs of a package.
func bareHome(of protogen.GoImportPath) (protogen.GoImportPath, error) {
	below, ok := strings.CutPrefix(string(of), root)
	if !ok {
		return "", fmt.Errorf("%s is not the contract's", of)
	}
	return protogen.GoImportPath(path.Join(root, "bare", below)), nil
}
