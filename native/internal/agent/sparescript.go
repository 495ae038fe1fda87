package agent

import (
	"errors"
	"strings"
)

// errNoSpareNow says that the environment is one that only a shell started with it treats right.
var errNoSpareNow = errors.New("the environment holds variables of the shell's own")

// The shell's own variables: it makes them, or does something at its start when they are there.
const (
	shellOwned = " POSIXLY_CORRECT POSIX_PEDANTIC SHELLOPTS OLDPWD SECONDS RANDOM SRANDOM LINENO EPOCHSECONDS EPOCHREALTIME HISTCMD DIRSTACK" +
		" GROUPS FUNCNAME UID EUID PPID PIPESTATUS IFS PS4 OPTIND OPTERR OPTARG _ "
	// What it reads at its start, or a library does, may be there, but not change.
	startRead = " LANG LANGUAGE TZ TERM TERMCAP TERMINFO SHELL SHLVL HOSTTYPE MACHTYPE OSTYPE GLOBIGNORE EXECIGNORE FIGNORE IGNOREEOF TMOUT" +
		" CDPATH PS0 PS1 PS2 PS3 COLUMNS LINES INPUTRC TEXTDOMAIN TEXTDOMAINDIR NLSPATH LOCPATH GCONV_PATH GLIBC_TUNABLES INSIDE_EMACS EMACS "
)

// profiles are what a login shell reads; the line's own environment and directory are there by then.
const profiles = `if [[ -e /etc/profile ]]; then . /etc/profile; fi
if [[ -e ~/.bash_profile ]]; then . ~/.bash_profile; elif [[ -e ~/.bash_login ]]; then . ~/.bash_login; elif [[ -e ~/.profile ]]; then . ~/.profile; fi
`

// script makes the waiting shell the one that this program would start; false when that cannot be said in a script.
func (s *spare) script(ready *program, line string, wantInput bool) (string, bool) {
	gone, set, ok := changes(s.env, ready.env)
	if !ok {
		return "", false
	}
	var text strings.Builder
	text.WriteString("exec 5<&-")
	if !wantInput {
		text.WriteString(" 0<>/dev/null")
	}
	text.WriteString("\nBASH_EXECUTION_STRING=" + quoted(line) + "\nunset BASH_ENV" + gone)
	if set != "" {
		text.WriteString("\nexport" + set)
	}
	text.WriteString("\nshopt -s login_shell\ncd -- " + quoted(ready.attr.Dir) + " || exit 1\nunset OLDPWD\ndeclare -x OLDPWD\nSECONDS=0\n")
	text.WriteString(profiles)
	if ready.search != "" {
		text.WriteString(behindProfiles(ready.search) + "\n")
	}
	return text.String(), text.Len() <= maxScript
}

// changes is what makes one environment the other: the names to unset and the assignments, each after a space.
func changes(then, now map[string]string) (gone, set string, ok bool) {
	if owned(now) {
		return "", "", false
	}
	for name := range then {
		if _, there := now[name]; there || name == "PWD" {
			continue
		}
		if !changeable(name) || name == "HOSTNAME" {
			return "", "", false
		}
		gone += " " + name
	}
	for name, value := range now {
		if old, there := then[name]; there && old == value || name == "PWD" {
			continue
		}
		if !changeable(name) || len(value) > maxScript {
			return "", "", false
		}
		set += " " + name + "=" + quoted(value)
	}
	return gone, set, true
}

// owned says whether the environment holds a variable of the shell's own.
func owned(env map[string]string) bool {
	for name := range env {
		if strings.HasPrefix(name, "BASH") || strings.HasPrefix(name, "COMP_") || listed(shellOwned, name) {
			return true
		}
	}
	return false
}

func changeable(name string) bool {
	for _, prefix := range []string{"LC_", "LD_", "HIST", "MAIL", "MALLOC_"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	return isVariable(name) && !listed(startRead, name)
}

func listed(names, name string) bool {
	return !strings.Contains(name, " ") && strings.Contains(names, " "+name+" ")
}

// isVariable says whether a shell can assign to the name.
func isVariable(name string) bool {
	for i, letter := range []byte(name) {
		switch {
		case letter == '_' || letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z':
		case i > 0 && letter >= '0' && letter <= '9':
		default:
			return false
		}
	}
	return name != ""
}

func quoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
