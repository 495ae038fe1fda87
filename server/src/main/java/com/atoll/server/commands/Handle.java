package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.Process;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a process for good: its number alone may be that of another one after the sandbox was
 * stopped, or once the kernel has used up all numbers.
 *
 * @param pid its number inside the sandbox
 * @param startedMs when it was started; absent in what was handed out by versions that named the
 *     number only, whose holders go on where the kind of the process tells enough
 */
record Handle(long pid, OptionalLong startedMs) {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,15}))?");

  /** What clients hold. */
  static String of(Process process) {
    return Long.toString(process.getPid()) + '-' + process.getStartedUnixMs();
  }

  /** What a client holds; what was never handed out names no process. */
  static Handle parse(String text) {
    Matcher found = TEXT.matcher(text);
    if (!found.matches()) {
      throw none(text);
    }
    String started = found.group(2);
    return new Handle(
        Long.parseLong(found.group(1)),
        started == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(started)));
  }

  /** The process, when it is the named one. */
  Process check(Process process) {
    boolean other = startedMs.isPresent() && startedMs.getAsLong() != process.getStartedUnixMs();
    if (other || pid != process.getPid()) {
      throw none(text());
    }
    return process;
  }

  /** The process, when it is the named one and was started under this name. */
  Process check(Process process, String kind) {
    if (!process.getName().equals(kind)) {
      throw none(text());
    }
    return check(process);
  }

  private String text() {
    return startedMs.isPresent() ? pid + "-" + startedMs.getAsLong() : Long.toString(pid);
  }

  private static AtollException none(String text) {
    return AtollException.of(ErrorCode.PROCESS_NOT_FOUND, text.length() > 40 ? "so named" : text);
  }
}
