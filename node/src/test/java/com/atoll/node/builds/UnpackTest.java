package com.atoll.node.builds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
      kinds = {"d": tarfile.DIRTYPE, "f": tarfile.REGTYPE, "s": tarfile.SYMTYPE, "h": tarfile.LNKTYPE,
               "c": tarfile.CHRTYPE, "p": tarfile.FIFOTYPE}
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
    return run(words, ProcessBuilder.Redirect.PIPE);
  }

  private static Ended run(List<String> words, ProcessBuilder.Redirect input) throws IOException {
    Process process =
        new ProcessBuilder(words).redirectErrorStream(true).redirectInput(input).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.onExit().join().exitValue(), said);
  }

  private Ended unpack(String... entries) throws IOException {
    Path layer = folder.resolve("layer");
    List<String> pack = new ArrayList<>(List.of("python3", "-c", PACK, layer.toString()));
    pack.addAll(List.of(entries));
    assertEquals(new Ended(0, ""), run(pack));
    return program("layer", layer.toString());
  }

  /** As a pull runs it: by standard input. */
  private Ended program(String step, String argument) throws IOException {
    return run(
        List.of("python3", "-I", "-S", "-", step, root.toString(), argument),
        ProcessBuilder.Redirect.from(script.toFile()));
  }

  private void good(String... entries) throws IOException {
    assertEquals(new Ended(0, ""), unpack(entries));
  }

  private void finish() throws IOException {
    assertEquals(new Ended(0, ""), program("finish", "/usr/bin"));
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
  void aFurtherNameOfWhatIsLeftOutIsToo() throws IOException {
    good("z f old", "dev d", "dev/null c", "dev/zero h dev/null", "p p", "z h p", "y h z");
    try (var left = Files.walk(root)) {
      assertEquals(List.of(root, root.resolve("dev")), left.sorted().toList());
    }
    good("q p", "q f text", "r h q");
    assertEquals("text", read("r"));
    assertEquals(1, unpack("s h p").code());
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

  @Test
  void nothingTakesThePlaceOfTheRoot() throws IOException {
    Path program = Files.writeString(root.resolveSibling("unpack.py"), "kept");
    good("file f x", ". d - 0 711", "./ d - 0 755");
    for (String name : List.of(".", "./", "/", "././/")) {
      for (String what : List.of("s " + folder, "f x", "h file")) {
        Ended ended = unpack(name + " " + what, "oci/unpack.py f ours");
        assertEquals(1, ended.code(), name + " " + what);
        assertTrue(ended.said().contains("place of the image's root"), ended.said());
      }
    }
    assertTrue(Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS));
    assertEquals("x", read("file"));
    assertEquals("rwxr-xr-x", permissions(root));
    assertEquals("kept", Files.readString(program));
  }

  @Test
  void aRootThatALinkLeadsToIsNone() throws IOException {
    Files.createSymbolicLink(root, trap);
    assertEquals(1, unpack("kept f x").code());
    assertEquals(1, program("finish", "/usr/bin").code());
    Files.delete(root);
    Files.delete(root.getParent());
    Files.createSymbolicLink(root.getParent(), Files.createDirectory(folder.resolve("other")));
    assertEquals(1, unpack("kept f x").code());
    assertEquals("kept", Files.readString(trap.resolve("kept")));
  }

  @Test
  void aFolderIsWhatItsLastEntrySays() throws IOException {
    good("app d - 7 700", "app/in d - 0 711", "l s app", "./app/ d - 8 755", "l/in d - 9 750");
    assertEquals("rwxr-xr-x", permissions(root.resolve("app")));
    assertEquals(8, Files.getAttribute(root.resolve("app"), "unix:uid"));
    assertEquals("rwxr-x---", permissions(root.resolve("app/in")));
    assertEquals(9, Files.getAttribute(root.resolve("app/in"), "unix:uid"));
  }

  private static String permissions(Path path) throws IOException {
    return java.nio.file.attribute.PosixFilePermissions.toString(
        Files.getPosixFilePermissions(path));
  }
}
