package com.atoll.node.builds;

import com.atoll.node.guest.GuestException;
import com.atoll.node.guest.GuestFiles;
import com.atoll.node.guest.GuestWriter;
import com.atoll.node.images.Action;
import com.atoll.node.workloads.Use;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Copies files into an image. The archive is unpacked in the sandbox of the build, by its agent:
 * what a hostile one can reach is that sandbox and the image.
 *
 * @param files what was uploaded for the build
 */
record CopyStep(HeldFiles files, BuildLog log) {
  private static final String STAGE = "/.atoll-copy";
  private static final int BUFFER = 256 << 10;

  /** The exit code of the copying. */
  int run(Sandbox sandbox, Step step, Duration limit) {
    Action.Copy copy = Objects.requireNonNull(step.copy());
    try (Use use = sandbox.use()) {
      GuestFiles guest = use.machine().guest().files();
      remove(guest);
      try {
        unpack(guest, copy.files());
        String owner = copy.owner().isEmpty() ? step.user() : copy.owner();
        List<String> words =
            List.of(
                "/bin/sh",
                "-c",
                script(),
                "copy",
                STAGE,
                copy.source(),
                copy.target(),
                owner,
                copy.mode());
        return sandbox.run(Sandbox.command(step, words, "root", limit), log);
      } finally {
        remove(guest);
      }
    } catch (GuestException refused) {
      throw BuildFailure.step(step.title() + ": " + refused.getMessage());
    } catch (IOException broken) {
      throw BuildFailure.step(step.title() + ": the files did not come through");
    }
  }

  private void unpack(GuestFiles guest, String name) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    FileChannel in = files.open(name);
    try (GuestWriter writer = guest.unpack(STAGE)) {
      while (in.read(buffer) >= 0) {
        var _ = writer.write(buffer.flip());
        buffer.clear();
      }
      writer.commit();
    }
  }

  private static void remove(GuestFiles files) {
    try {
      files.remove(STAGE, true);
    } catch (GuestException missing) {
      if (!missing.code().equals("PATH_NOT_FOUND")) {
        throw missing;
      }
    }
  }

  private static String script() throws IOException {
    try (InputStream script = CopyStep.class.getResourceAsStream("copy.sh")) {
      byte[] bytes = Objects.requireNonNull(script, "copy.sh is not in the jar").readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
