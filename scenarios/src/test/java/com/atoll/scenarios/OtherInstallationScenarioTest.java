package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one installation has archived comes back on another one, which never saw its templates. */
@Timeout(600)
final class OtherInstallationScenarioTest {
  private final Given given = new Given();

  private static Map<String, Object> wish(String template) {
    return Map.of(
        "size",
        "xs",
        "template_id",
        template,
        "env",
        Map.of("SECRET", "sealed"),
        "services",
        List.of(
            Map.of(
                "name",
                "tick",
                "command",
                "echo $WORD; exec sleep 900",
                "env",
                Map.of("WORD", "tock"))));
  }

  private static Sandbox sandbox(Api api, Map<String, Object> fields) {
    Reply made = api.post("/sandboxes", fields).expect(201);
    return new Sandbox(api, made.string("id"), made.string("slug"));
  }

  private static String imported(Api there, String ticket) {
    String id = there.post("/snapshots/import", Map.of("ticket", ticket)).expect(202).string("id");
    Transfers.awaitReady(there, id);
    return id;
  }

  private static void trust(Installation which, String archiveKey) throws IOException {
    Path keys = Files.writeString(which.home().resolve("archive-keys"), archiveKey + "\n");
    Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-------"));
    which.host().atoll(300, "up");
  }

  @Test
  @Tag("all")
  void anotherInstallationTakesASnapshotWithWhatItStandsOn() throws IOException {
    Path archive = given.target.home().resolve("archive");
    try (Installation second = Installation.up(given.target, "snapshot_archive = " + archive);
        Template template =
            Template.made(given.api, Template.steps("echo built-here > /etc/marker"))) {
      template.built("ready");
      Sandbox source = sandbox(given.api, wish(template.id()));
      source.withFile("/workspace/large", "x".repeat(2_000_000));
      String first = Transfers.archive(given.api, source, false);
      source.withFile("/workspace/file", "kept");
      String change = Transfers.archive(given.api, source, true);
      assertEquals(
          first, Transfers.row(given.api, change).path("archive").path("parent_id").asString());
      String ticket = Transfers.ticket(given.api, change);

      Api there = second.api();
      there
          .post("/snapshots/import", Map.of("ticket", ticket))
          .expectError(409, "ARCHIVE_NOT_TRUSTED");
      String key = Host.of(given.target).atoll(60, "archive", "key").strip();
      trust(second, key);
      String id = imported(there, ticket);
      isWhole(there, id);
      // It needs the first installation no more, nor its archive.
      source.close();
      given.api.delete("/snapshots/" + change).expect(200);
      given.api.delete("/snapshots/" + first).expect(200);
      second.host().atoll(120, "down");
      second.host().atoll(300, "up");
      isWhole(there, id);
      there.delete("/snapshots/" + id).expect(200);
      there.post("/snapshots/import", Map.of("ticket", ticket)).expectError(409, "ARCHIVE_DAMAGED");
    }
  }

  private static void isWhole(Api there, String id) {
    Reply made = there.post("/snapshots/" + id + "/fork", Map.of()).expect(201);
    try (Sandbox moved = new Sandbox(there, made.string("id"), made.string("slug"))) {
      Transfers.isAsTheSource(there, moved);
      assertEquals("built-here", moved.run("cat /etc/marker"));
      assertEquals("2000000", moved.run("stat -c %s /workspace/large"));
      there.post(moved.at("/stop"), Map.of()).expect(200);
      assertEquals("kept", moved.run("cat /workspace/file"));
    }
  }

  /** The bucket, the archive key and the ids are all that is left of the first one. */
  @Test
  @Tag("all")
  void aSnapshotInABucketOutlivesItsInstallation() throws Exception {
    Assumptions.assumeTrue(S3Service.isThere(), "ATOLL_TEST_S3 names no program");
    try (S3Service s3 = S3Service.start("snapshots")) {
      String key;
      String ticketOf;
      String folder;
      String org;
      String snapshot;
      try (Installation lost =
          Installation.up(given.target, "snapshot_archive = s3://snapshots/here", s3::settingsIn)) {
        Api api = lost.api();
        key = lost.host().atoll(60, "archive", "key").strip();
        try (Sandbox source = sandbox(api, wish("miosa-sandbox"))) {
          source.withFile("/workspace/file", "kept");
          snapshot = Transfers.archive(api, source, true);
          org = api.get(source.at("")).expect(200).string("tenant_id");
          Reply issued = api.post("/snapshots/" + snapshot + "/ticket", Map.of()).expect(201);
          ticketOf = issued.string("ticket");
          folder = issued.string("archive");
          // The same, while the first one is there.
          Reply made = api.post("/snapshots/" + snapshot + "/fork", Map.of()).expect(201);
          try (Sandbox back = new Sandbox(api, made.string("id"), made.string("slug"))) {
            Transfers.isAsTheSource(api, back);
          }
        }
      }
      try (Installation second =
          Installation.up(given.target, "snapshot_archive = s3://snapshots/here", s3::settingsIn)) {
        Api there = second.api();
        trust(second, key);
        String minted = second.host().atoll(60, "archive", "ticket", folder, org, snapshot).strip();
        assertNotEquals(ticketOf, minted);
        for (String ticket : List.of(ticketOf, minted)) {
          String id = imported(there, ticket);
          Reply made = there.post("/snapshots/" + id + "/fork", Map.of()).expect(201);
          try (Sandbox moved = new Sandbox(there, made.string("id"), made.string("slug"))) {
            Transfers.isAsTheSource(there, moved);
          }
        }
        String other = second.host().atoll(60, "archive", "ticket", folder, "org_none", snapshot);
        there
            .post("/snapshots/import", Map.of("ticket", other.strip()))
            .expectError(409, "ARCHIVE_DAMAGED");
        s3.stop();
        Reply refused = there.post("/snapshots/import", Map.of("ticket", minted));
        refused.expectError(503, "ARCHIVE_UNAVAILABLE");
        assertTrue(!refused.text().contains("secret"), refused::toString);
      }
    }
  }
}
