package ask

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

const (
	title = "まどぐち"
	yes   = "はい / Yes"
	no    = "いいえ / No"
)

// dialog asks in a window; nil where there is no desktop, or neither program.
func (c Config) dialog() func(context.Context, Question) error {
	if c.Variable("DISPLAY") == "" && c.Variable("WAYLAND_DISPLAY") == "" {
		return nil
	}
	if program, err := c.Look("zenity"); err == nil {
		return func(ctx context.Context, q Question) error {
			return window(ctx, program, "--question", "--no-markup", "--default-cancel", "--width=560",
				"--title="+title, "--ok-label="+yes, "--cancel-label="+no, "--text="+harmless(q.text()))
		}
	}
	if program, err := c.Look("kdialog"); err == nil {
		return func(ctx context.Context, q Question) error {
			return window(ctx, program,
				"--title="+title, "--yes-label="+yes, "--no-label="+no, "--warningyesno="+harmless(q.text()))
		}
	}
	return nil
}

// harmless has wide characters in place of those that a dialog program may take for an escape (both do for \n) or for
// markup (kdialog guesses).
func harmless(s string) string {
	return strings.NewReplacer(`\`, "＼", "<", "＜", ">", "＞", "&", "＆").Replace(s)
}

// window runs a dialog program. Both end with 0 for yes and 1 for no or a closed window.
func window(ctx context.Context, program string, arguments ...string) error {
	command := exec.CommandContext(ctx, program, arguments...)
	command.WaitDelay = time.Second
	err := command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		return ErrDeclined
	}
	return fmt.Errorf("%w: %w", ErrCannot, err)
}
