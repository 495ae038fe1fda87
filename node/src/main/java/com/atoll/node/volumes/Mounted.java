package com.atoll.node.volumes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What of volumes a process sees, as the kernel says: no guest can write that list. */
final class Mounted {
  /** A volume that was dropped stays where it is mounted, below the name under which it waits. */
  private static final Pattern ROOT =
      Pattern.compile(
          ".*/(?:live/|dropped/[0-9a-f]{16}\\.)"
              + VolumeRecord.PREFIX
              + "([a-z0-9_-]+)/u(?://deleted)?");

  private Mounted() {}

  /** The volumes in the mount namespace of this process, the last mounted first. */
  static List<VolumeMount> in(long pid) throws IOException {
    List<VolumeMount> found = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/mountinfo"))) {
      parse(line, found);
    }
    return found.reversed();
  }

  static void parse(String line, List<VolumeMount> into) {
    String[] fields = line.split(" ", 7);
    Matcher root = ROOT.matcher(fields[3]);
    if (root.matches()) {
      boolean readOnly = Set.of(fields[5].split(",")).contains("ro");
      into.add(new VolumeMount(root.group(1), unescape(fields[4]), readOnly));
    }
  }

  private static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
