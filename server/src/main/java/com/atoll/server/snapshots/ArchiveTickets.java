package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tickets for archived snapshots. One is sealed with a key that follows from the archive key of the
 * installation that issues it: whoever has it can have the snapshot imported, by an installation
 * that knows this archive key, and learns nothing from it.
 */
final class ArchiveTickets {
  static final int LONGEST = 1024;
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern FORM =
      Pattern.compile("att1\\.([0-9a-f]{16})\\.([A-Za-z0-9_-]{40,900})");
  private static final int SHORTEST = 28;
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private ArchiveTickets() {}

  /**
   * A ticket that was opened.
   *
   * @param root the archive key of the installation that issued it
   * @param org the organization there
   */
  record Opened(ArchiveRoot root, OrganizationId org, String snapshotId) {}

  private record Content(String org, String snapshot, long expires) {}

  static String issue(ArchiveRoot root, OrganizationId org, String snapshotId, Instant expires) {
    String folder = root.folder();
    byte[] content =
        JSON.writeValueAsBytes(new Content(org.value(), snapshotId, expires.getEpochSecond()));
    byte[] sealed = root.tickets().seal(folder, content);
    return "att1." + folder + "." + ENCODER.encodeToString(sealed);
  }

  /**
   * Opens one.
   *
   * @param roots the archive keys that are known, by the folders of their installations
   */
  static Opened open(Function<String, Optional<ArchiveRoot>> roots, String ticket, Instant now) {
    Matcher matcher = FORM.matcher(ticket);
    if (!matcher.matches()) {
      throw AtollException.invalid("ticket", "is no ticket of an archived snapshot");
    }
    String folder = matcher.group(1);
    ArchiveRoot root =
        roots
            .apply(folder)
            .orElseThrow(() -> AtollException.of(ErrorCode.ARCHIVE_NOT_TRUSTED, folder));
    Content content = content(root, folder, matcher.group(2));
    if (now.getEpochSecond() > content.expires()) {
      throw AtollException.invalid("ticket", "has expired");
    }
    return new Opened(root, new OrganizationId(content.org()), content.snapshot());
  }

  private static Content content(ArchiveRoot root, String folder, String encoded) {
    try {
      byte[] sealed = Base64.getUrlDecoder().decode(encoded);
      // A ticket has one spelling: the last letter has bits that no byte is made of.
      if (sealed.length >= SHORTEST && ENCODER.encodeToString(sealed).equals(encoded)) {
        String json = new String(root.tickets().open(folder, sealed), StandardCharsets.UTF_8);
        return JSON.readValue(json, Content.class);
      }
    } catch (IllegalStateException | IllegalArgumentException | JacksonException forged) {
      // Which of these it was is nobody's business.
    }
    throw AtollException.invalid("ticket", "is not one of the installation that it names");
  }
}
