package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.Ids;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** The slug of a sandbox names its preview host, so it is a host label, unique everywhere. */
final class Slugs {
  private static final int RANDOM = 8;

  /** A host label is at most 63 characters; {@code 65535-} goes before the slug. */
  private static final Pattern SHAPE = Pattern.compile("[a-z][a-z0-9-]{1,54}[a-z0-9]");

  private static final Set<String> RESERVED =
      Set.of(
          "sandbox", "sandboxes", "api", "console", "www", "preview", "admin", "auth", "storage");

  private static final List<String> ADJECTIVES =
      List.of(
          "amber", "bold", "brave", "bright", "brisk", "calm", "clear", "clever", "cool", "crisp",
          "deep", "eager", "early", "fair", "fast", "fine", "fresh", "gentle", "glad", "golden",
          "grand", "happy", "keen", "kind", "light", "lively", "lucky", "mellow", "merry", "mild",
          "neat", "noble", "pale", "plain", "proud", "quick", "quiet", "rapid", "ready", "silent",
          "silver", "smart", "snowy", "solid", "steady", "still", "sunny", "swift", "tidy", "vivid",
          "warm", "wide", "wild", "wise", "young");

  private static final List<String> NOUNS =
      List.of(
          "atoll", "badger", "bay", "beacon", "birch", "brook", "canyon", "cedar", "cloud", "comet",
          "coral", "crane", "creek", "delta", "dune", "falcon", "fern", "field", "finch", "fjord",
          "forest", "fox", "glade", "grove", "harbor", "hawk", "heron", "hill", "island", "lagoon",
          "lake", "lark", "maple", "marsh", "meadow", "moon", "moss", "ocean", "otter", "owl",
          "palm", "peak", "pine", "pond", "raven", "reef", "ridge", "river", "robin", "sail",
          "shore", "sparrow", "spring", "star", "stone", "tide", "valley", "wave", "willow",
          "wren");

  private Slugs() {}

  /** A new slug; its 40 random bits make a clash a matter of bad luck, not of guessing. */
  static String next() {
    return pick(ADJECTIVES) + "-" + pick(NOUNS) + "-" + Ids.random(RANDOM);
  }

  /** The slug that a caller chose, when it may be one. */
  static String chosen(String slug) {
    if (!SHAPE.matcher(slug).matches() || slug.contains("--")) {
      throw AtollException.invalid(
          "slug",
          "must be 3 to 56 characters of a-z, 0-9 and single hyphens, beginning with a letter");
    }
    if (RESERVED.contains(slug)) {
      throw AtollException.invalid("slug", "is reserved");
    }
    return slug;
  }

  private static String pick(List<String> words) {
    return words.get(ThreadLocalRandom.current().nextInt(words.size()));
  }
}
