package com.atoll.server.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever meets a code finds its page. */
final class ErrorPagesTest {
  private static final Path EDGE = Path.of("../edge/src/main/java/com/atoll/edge");
  private static final Pattern CODE = Pattern.compile("\"([A-Z]+(?:_[A-Z]+)+)\"");

  /** An option of sockets, written as codes are. */
  private static final String NO_CODE = "SO_ORIGINAL_DST";

  private static Set<String> ofEdge() throws IOException {
    Set<String> codes = new TreeSet<>();
    for (String folder : List.of("gateway", "egress")) {
      try (Stream<Path> files = Files.walk(EDGE.resolve(folder))) {
        files.filter(Files::isRegularFile).forEach(file -> codes.addAll(codes(file)));
      }
    }
    codes.remove(NO_CODE);
    return codes;
  }

  private static Set<String> codes(Path file) {
    try {
      return CODE.matcher(Files.readString(file))
          .results()
          .map(found -> found.group(1))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyCodeOfTheGatewayAndTheEgressProxyHasAPage() throws Exception {
    Set<String> codes = ofEdge();
    assertTrue(codes.contains("EGRESS_HOST_NOT_ALLOWED"), codes::toString);
    assertEquals(List.of(), codes.stream().filter(code -> Pages.error(code).isEmpty()).toList());
  }

  @Test
  void whatNobodyAnswersAnyMoreHasNone() throws Exception {
    Set<String> codes = ofEdge();
    assertEquals(
        List.of(),
        GatewayError.all().stream()
            .map(GatewayError::code)
            .filter(code -> !codes.contains(code))
            .toList());
    assertFalse(Pages.error("NO_SUCH_CODE").isPresent());
    assertTrue(Pages.errors().contains("/docs/errors/PREVIEW_EXPIRED"));
  }
}
