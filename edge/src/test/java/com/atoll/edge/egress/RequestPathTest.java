package com.atoll.edge.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.edge.routes.Route;
import com.atoll.edge.routes.Route.EgressRule;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each spelling of a path and a method, and what holds for it. */
final class RequestPathTest {
  private static Verdict.Kind decide(
      boolean allow, String glob, String method, String path, String... methods) {
    EgressRule rule = new EgressRule("r", allow, "api.net", Set.of(methods), glob, Set.of());
    Route.Egress policy =
        new Route.Egress(
            "egress/sbx_1",
            "sbx_1",
            "10.1.0.2",
            1,
            "egp_1",
            true,
            !allow,
            List.of(rule),
            List.of());
    return Decider.request(policy, "api.net", 443, method, path).kind();
  }

  private static boolean isDenied(String glob, String path) {
    return decide(false, glob, "GET", path) == Verdict.Kind.DENY;
  }

  private static boolean isAllowed(String glob, String path) {
    return decide(true, glob, "GET", path) == Verdict.Kind.ALLOW;
  }

  /** As it comes from the wire. */
  private static HttpRequest read(String line) {
    EmbeddedChannel channel = new EmbeddedChannel(new HttpRequestDecoder());
    String text = line + "\r\nHost: api.net\r\n\r\n";
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    return channel.readInbound();
  }

  @ParameterizedTest
  @CsvSource({
    "/admin/**, /%61dmin/users",
    "/admin/**, /%61%64%6D%69%6e/users",
    "/%61dmin/**, /admin/users",
    "/a-b_c~d.e, /%61%2db%5fc%7Ed%2Ee",
    "/caf%c3%a9, /caf%C3%A9"
  })
  void escapesOfWhatNeedsNoneMakeNoOtherPath(String glob, String path) {
    assertTrue(isDenied(glob, path));
    assertTrue(isAllowed(glob, path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/x/../admin",
        "/x/%2e%2E/admin",
        "/x/.%2e/admin",
        "/./admin",
        "/%2e/admin",
        "/admin/.",
        "/admin/%2e%2e",
        "//admin",
        "/admin//",
        "/admin;x=1",
        "/;/admin",
        "/admin%3bx",
        "/\\admin",
        "/x\\..\\admin",
        "/x%5cadmin",
        "/x%2f..%2fadmin",
        "/%2561dmin",
        "/%%361dmin",
        "/%u0061dmin",
        "/adm%in",
        "/admin%",
        "/admin%6",
        "/admin%00",
        "/admin%0a",
        "/%c1%a1dmin",
        "/%e0%81%a1dmin",
        "/adm\u00ecn"
      })
  void whatServersReadDifferentlyIsDeniedByEveryRuleForPathsAndAllowedByNone(String path) {
    assertTrue(isDenied("/other", path));
    assertFalse(isAllowed("/*/**", path) || isAllowed("/**a*", path));
    // A rule for the whole host does not look at it.
    assertTrue(isAllowed("", path));
  }

  @ParameterizedTest
  @CsvSource({
    "/projects/group%2Fproject/**, /projects/group%2fproject/issues",
    "/projects/*%2f*/issues, /projects/group%2Fproject/issues",
    "/@scope%2fname, /@scope%2Fname",
    "/files/report;v=1, /files/report;v=1",
    "/files/*;v=*, /files/report;v=1",
    "/files/a%3Bb, /files/a%3bb",
    "/a//b/**, /a//b/c",
    "//a, //a"
  })
  void aPermissionThatSpellsWhatIsAmbiguousAllowsExactlyThis(String glob, String path) {
    assertTrue(isAllowed(glob, path));
    assertTrue(isDenied("/other", path));
  }

  @ParameterizedTest
  @CsvSource({
    "/projects/**, /projects/group%2Fproject",
    "/projects/group%2Fproject/**, /projects/group/project/issues",
    "/projects/group%2Fproject/**, /projects/group%2Fproject/a%2Fb",
    "/projects/group%2F**, /projects/group%2F..%2Fsecret",
    "/projects/group%2F**, /projects/group%2F../secret",
    "/projects/group%2F**, /projects/group%2Fa/../../secret",
    "/projects/group%2F**, /projects/group%2F/secret",
    "/projects/group%2F**, /projects/group%2F%2Fsecret",
    "/projects/group%2F**, /projects/group%2Fa%255cb",
    "/projects/group%2F**, /projects/group%2Fa%5cb",
    "/files/**, /files/report;v=1",
    "/files/report*, /files/report;v=1",
    "/files/report;v=1, /files/report%3Bv=1",
    "/files/report;**, /files/report;v=1;w=2",
    "/files/;**, /files/;x/..;/secret",
    "/files/;**, /files/;..",
    "/a/*/b, /a//b",
    "/a/**/b, /a//b",
    "/a//b/**, /a/b/c",
    "/a//b/**, /a///b/c",
    "/a///b, /a///b",
    "/a/..%2Fb, /a/..%2Fb",
    "/a\\b%2Fc, /a\\b%2Fc",
    "/100%25, /100%25"
  })
  void noWildcardStandsForWhatIsAmbiguousAndNoSpellingForStepsUpwards(String glob, String path) {
    assertFalse(isAllowed(glob, path));
  }

  @Test
  void whatIsAnotherPathByTheStandardStaysAnother() {
    for (String path : List.of("/Admin", "/admin/", "/admin%20", "/admin%3Fx", "/admin%23x")) {
      assertFalse(isDenied("/admin", path), path);
      assertTrue(isAllowed("/*dmin**", path), path);
    }
    assertFalse(isDenied("/admin/**", "/admin"));
    assertTrue(isDenied("/admin**", "/admin"));
  }

  @Test
  void theQueryIsNoPartOfThePath() {
    assertEquals("/admin", Requests.path(read("GET /admin?x=/../;%61 HTTP/1.1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /admin#x HTTP/1.1",
        "GET /?a#/admin HTTP/1.1",
        "GET http://api.net/admin HTTP/1.1",
        "GET admin HTTP/1.1",
        "GE(T /admin HTTP/1.1",
        "G\u00c9T /admin HTTP/1.1",
        "PRI * HTTP/2.0"
      })
  void aTargetOrMethodThatIsNoneIsRefused(String line) {
    assertNull(Requests.host(read(line), 80));
    assertNotNull(Requests.host(read("GET /admin HTTP/1.1"), 80));
  }

  @ParameterizedTest
  @ValueSource(strings = {"delete", "Delete", "DELETE"})
  void aMethodIsTheSameInEveryCase(String method) {
    assertEquals(Verdict.Kind.DENY, decide(false, "", method, "/x", "DELETE"));
    assertEquals(Verdict.Kind.ALLOW, decide(true, "", method, "/x", "DELETE"));
    assertEquals(Verdict.Kind.DENY, decide(true, "", method, "/x", "GET"));
  }
}
