package com.atoll.node.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.TestInstallation;
import com.atoll.node.images.ImageException.Reason;
import com.atoll.node.images.ImageState.Status;
import com.atoll.node.linux.HostProgram;
import com.atoll.node.linux.Mounts;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
final class ImagesTest {
  @TempDir Path folder;

  @Test
  void aTemplateIsBuiltOnceAndMountedAgain() throws Exception {
    Installation installation = TestInstallation.in(folder);
    template(installation, "tiny", "{\"suite\": \"trixie\", \"preview_port\": 8000}");
    Path files = installation.dist().resolve("templates/tiny/files/etc");
    Files.createDirectories(files);
    Files.writeString(files.resolve("greeting"), "hello\n");
    Image image;
    try (Images images = LocalImages.open(installation)) {
      BlockingQueue<ImageState> changes = new LinkedBlockingQueue<>();
      images.listen(changes::add);
      ImageException early = assertThrows(ImageException.class, () -> images.get("tiny"));
      assertEquals(Reason.BUILDING, early.reason());
      ImageState state = changes.poll(120, TimeUnit.SECONDS);
      assertEquals(Status.ACTIVE, state == null ? Status.BUILDING : state.status());
      image = images.get("tiny");
      assertEquals(8000, image.previewPort());
      assertEquals("hello\n", Files.readString(image.root().resolve("etc/greeting")));
      assertEquals("C.UTF-8", image.env().get("LANG"));
      assertTrue(Files.isDirectory(image.root().resolve("workspace")));
      assertEquals("", Files.readString(image.root().resolve("etc/resolv.conf")));
      assertEquals(0, entries(image.root().resolve("dev")));
      assertTrue((int) Files.getAttribute(image.root().resolve("tmp"), "unix:mode") == 041777);
      assertThrows(IOException.class, () -> Files.writeString(image.root().resolve("x"), "never"));
      trustsWhatTheHostTrusts(image);
    }
    assertTrue(Mounts.isMounted(image.root()));
    Images again = LocalImages.open(installation);
    assertEquals(image, again.get("tiny"));
    again.close(true);
    assertFalse(Mounts.isMounted(image.root()));
    again = LocalImages.open(installation);
    assertEquals(image, again.get("tiny"));
    again.retain(Set.of());
    assertEquals(image, again.get("tiny"));
    again.close(true);
    HostProgram.require("rm").run("-r", installation.dist().resolve("templates/tiny").toString());
    again = LocalImages.open(installation);
    assertEquals(image.root(), again.byDigest(image.digest()).root());
    again.retain(Set.of());
    assertEquals(0, entries(installation.home().resolve("images")));
    again.close(true);
  }

  @Test
  void aFailureIsRememberedWithItsReason() throws Exception {
    Installation installation = TestInstallation.in(folder);
    template(installation, "bad", "{\"packages\": [\"--hook\"]}");
    template(installation, "odd", "{\"unknown\": 1}");
    template(installation, "none", "{\"suite\": \"no-such-suite\"}");
    try (Images images = LocalImages.open(installation)) {
      BlockingQueue<ImageState> changes = new LinkedBlockingQueue<>();
      images.listen(changes::add);
      ImageState state = changes.poll(120, TimeUnit.SECONDS);
      assertEquals(Status.FAILED, state == null ? Status.BUILDING : state.status());
      ImageException failure = assertThrows(ImageException.class, () -> images.get("none"));
      assertEquals(Reason.FAILED, failure.reason());
      assertTrue(String.valueOf(failure.getMessage()).contains("no-such-suite"), failure::toString);
      assertEquals(
          "template.json: packages is not valid",
          assertThrows(ImageException.class, () -> images.get("bad")).getMessage());
      assertEquals(
          Reason.FAILED, assertThrows(ImageException.class, () -> images.get("odd")).reason());
      assertEquals(
          Reason.UNKNOWN, assertThrows(ImageException.class, () -> images.get("other")).reason());
      assertEquals(
          Reason.UNKNOWN,
          assertThrows(ImageException.class, () -> images.byDigest("../../etc")).reason());
      assertEquals(3, images.list().size());
    }
    assertEquals(0, entries(installation.home().resolve("images")));
  }

  @Test
  void closingEndsABuildAndLeavesNothing() throws Exception {
    Installation installation = TestInstallation.in(folder);
    template(installation, "slow", "{\"suite\": \"trixie\"}");
    Images images = LocalImages.open(installation);
    while (!isBuilding()) {
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
    images.close(true);
    assertEquals(0, entries(installation.home().resolve("images")));
    assertFalse(isBuilding());
  }

  @Test
  void whatACrashedBuildLeftIsSwept() throws Exception {
    Installation installation = TestInstallation.in(folder);
    template(installation, "slow", "{\"suite\": \"trixie\"}");
    Images crashed = LocalImages.open(installation);
    while (!isBuilding()) {
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
    HostProgram.require("rm").run("-r", installation.dist().resolve("templates").toString());
    Images images = LocalImages.open(installation);
    assertFalse(isBuilding());
    images.close(true);
    crashed.close(true);
    assertEquals(0, entries(installation.home().resolve("images")));
  }

  private boolean isBuilding() {
    return ProcessHandle.allProcesses()
        .anyMatch(process -> process.info().commandLine().orElse("").contains(folder + "/home"));
  }

  @Test
  void theMirrorIsTheOneOfTheHost() throws IOException {
    assertEquals("http://deb.debian.org/debian", AptMirror.find(folder));
    Files.createDirectories(folder.resolve("sources.list.d"));
    Files.writeString(
        folder.resolve("sources.list.d/a.sources"),
        "Types: deb\nURIs: http://mirror.test/debian-security\nSuites: x\n");
    Files.writeString(
        folder.resolve("sources.list.d/b.list"),
        "# deb http://old.test/debian x main\ndeb [arch=amd64] https://mirror.test/debian/ x main\n");
    assertEquals("https://mirror.test/debian/", AptMirror.find(folder));
  }

  private static void trustsWhatTheHostTrusts(Image image) throws IOException {
    String bundle = Files.readString(image.root().resolve("etc/ssl/certs/ca-certificates.crt"));
    for (Path authority :
        TemplateSource.filesBelow(Path.of("/usr/local/share/ca-certificates"), ".crt")) {
      assertTrue(bundle.contains(Files.readString(authority).strip()), authority::toString);
    }
  }

  private static long entries(Path place) throws IOException {
    try (var found = Files.list(place)) {
      return found.count();
    }
  }

  private static void template(Installation installation, String id, String json)
      throws IOException {
    Path place = installation.dist().resolve("templates").resolve(id);
    Files.createDirectories(place);
    Files.writeString(place.resolve("template.json"), json);
  }
}
