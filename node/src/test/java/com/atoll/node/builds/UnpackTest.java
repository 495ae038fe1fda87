package com.atoll.node.builds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that unpacks layers, on layers that images have and on hostile ones. */
class UnpackTest {
  /** Each entry is a name, a kind and what it leads to; what follows is its owner and mode. */
  private static final String PACK =
      """
      import io, sys, tarfile
      kinds = {"d": tarfile.DIRTYPE, "f": tarfile.REGTYPE, "s": tarfile.SYMTYPE, "h": tarfile.LNKTYPE}
      with tarfile.open(sys.argv[1], "w:gz") as archive:
          for line in sys.argv[2:]:
              name, kind, to, owner, mode = (line.split(" ") + ["", "", ""])[:5]
              member = tarfile.TarInfo(name)
              member.type, member.linkname = kinds[kind], to if kind in "sh" else ""
              member.uid = int(owner or 0)
              member.mode = int(mode or "755", 8)
              data = to.encode() if kind == "f" else b""
              member.size = len(data)
              archive.addfile(member, io.BytesIO(data))
      """;

  @TempDir private Path folder;
  private Path root;
  private Path script;
  private Path trap;

  @BeforeEach
  void begin() throws IOException {
    root = folder.resolve("oci/rootfs");
    script = folder.resolve("unpack.py");
    trap = Files.createDirectory(folder.resolve("trap"));
    Files.createDirectory(root.getParent());
    Files.writeString(trap.resolve("kept"), "kept");
    try (InputStream program = Pulls.class.getResourceAsStream("unpack.py")) {
      Files.copy(Objects.requireNonNull(program), script);
    }
  }

  private record Ended(int code, String said) {}

  private static Ended run(List<String> words) throws IOException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.onExit().join().exitValue(), said);
  }

  private Ended unpack(String... entries) throws IOException {
    Path layer = folder.resolve("layer");
    List<String> pack = new ArrayList<>(List.of("python3", "-c", PACK, layer.toString()));
    pack.addAll(List.of(entries));
    assertEquals(new Ended(0, ""), run(pack));
    return run(List.of("python3", script.toString(), "layer", root.toString(), layer.toString()));
  }

  private void good(String... entries) throws IOException {
    assertEquals(new Ended(0, ""), unpack(entries));
  }

  private void finish() throws IOException {
    Ended ended = run(List.of("python3", script.toString(), "finish", root.toString(), "/usr/bin"));
    assertEquals(new Ended(0, ""), ended);
  }

  private String read(String name) throws IOException {
    return Files.readString(root.resolve(name));
  }

  @Test
  void linksLeadWhereTheyWouldInTheImage() throws IOException {
    good("opt/jdk-17/lib d", "opt/jdk s /opt/jdk-17", "opt/java s /opt/jdk", "usr/lib d");
    good("opt/java/lib/x f new", "a d", "a/l s ../../../usr/lib");
    good("a/l/y f up");
    assertEquals("new", read("opt/jdk-17/lib/x"));
    assertEquals("up", read("usr/lib/y"));
  }

  @Test
  void foldersThatSandboxesNeedMayBeLinks() throws IOException {
    good("home/ws d", "workspace s /home/ws", "etc s /private/etc", "tmp s /var/tmp");
    finish();
    assertTrue(Files.isDirectory(root.resolve("home/ws")));
    assertTrue(read("private/etc/profile.d/atoll-path.sh").contains("/usr/bin"));
    assertEquals(01777, (int) Files.getAttribute(root.resolve("var/tmp"), "unix:mode") & 07777);
  }

  @Test
  void aFurtherNameOfAFileNeverTakesIt() throws IOException {
    good("a f text", "b h a");
    good("a h a", "b h a", "c/d f inner", "c h c/d");
    assertEquals("text", read("a"));
    assertEquals("text", read("b"));
    assertEquals("inner", read("c"));
  }

  @Test
  void ownersThatNoSandboxHasAreRoot() throws IOException {
    Ended ended = unpack("big f x 197609 4755", "fine f x 65534 4755");
    assertEquals(0, ended.code(), ended.said());
    assertTrue(ended.said().startsWith("1 entries belong to root"), ended.said());
    assertEquals(0, Files.getAttribute(root.resolve("big"), "unix:uid"));
    assertEquals(0755, (int) Files.getAttribute(root.resolve("big"), "unix:mode") & 07777);
    assertEquals(65534, Files.getAttribute(root.resolve("fine"), "unix:uid"));
  }

  @Test
  void nothingLeadsOutOfTheImage() throws IOException {
    String out = trap.toString();
    good("e s " + out, "up s ../../../../../../../../.." + out, "p/d d - 0 700", "q d - 0 700");
    good("e/.wh..wh..opq f", "e/.wh.kept f", "up/.wh.kept f", "e/new f x", "up/other f x");
    good("p/d d - 0 700", "p s " + folder, "q d - 0 700", "q s " + out, ".wh. f", ".wh.. f");
    good("dev s " + out, "etc s " + out, "run s " + out, "h s " + out);
    assertEquals(1, unpack("x h h/kept").code());
    assertEquals(1, unpack("../y f x").code());
    assertEquals(1, unpack("l s m", "m s l", "l/f f x").code());
    finish();
    try (var left = Files.list(trap)) {
      assertEquals(List.of(trap.resolve("kept")), left.toList());
    }
    assertEquals("kept", Files.readString(trap.resolve("kept")));
    assertEquals("rwxr-xr-x", permissions(trap));
  }

  private static String permissions(Path path) throws IOException {
    return java.nio.file.attribute.PosixFilePermissions.toString(
        Files.getPosixFilePermissions(path));
  }
}
