package com.atoll.edge.hosts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {
  private final Hosts hosts = new Hosts("localhost");
  private final Hosts example = new Hosts("Cloud.Example.COM.");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "localhost:8080",
        "LOCALHOST.",
        "api.localhost",
        "sandboxes.localhost:1",
        "127.0.0.1:8080",
        "[::1]:8080",
        "[::1]"
      })
  void theseNameTheApi(String host) {
    assertInstanceOf(Target.Api.class, hosts.resolve(host));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "a..b",
        "-a.localhost",
        "a-.localhost",
        "a b.localhost",
        "a/b.localhost",
        "127.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "[::1",
        "[zz]:1",
        "localhost:x",
        "localhost:123456",
        "a\u0000.localhost",
        "sandbox.localhost",
        "80-.sandbox.localhost",
        "0-a.sandbox.localhost",
        "080-a.sandbox.localhost",
        "65536-a.sandbox.localhost",
        "a.sandbox.localhost",
        "80-a.b.sandbox.localhost",
        "80-a_b.sandbox.localhost",
        "user@localhost"
      })
  void theseNameNothing(String host) {
    assertInstanceOf(Target.Unknown.class, hosts.resolve(host), host);
  }

  @Test
  void aSandboxPortIsNamedByPortAndSlug() {
    assertEquals(
        new Target.SandboxPort(3000, "brave-otter-k3j2h4g5"),
        hosts.resolve("3000-brave-otter-k3j2h4g5.sandbox.localhost:8080"));
    assertEquals(
        new Target.SandboxPort(80, "8000-x"), hosts.resolve("80-8000-X.SANDBOX.localhost."));
    assertEquals(
        new Target.SandboxPort(65_535, "a"), example.resolve("65535-a.sandbox.cloud.example.com"));
  }

  @Test
  void everyOtherNameIsForTheTable() {
    assertEquals(new Target.Named("shop.acme.localhost"), hosts.resolve("Shop.Acme.localhost:81"));
    assertEquals(new Target.Named("example.org"), hosts.resolve("example.org."));
    assertEquals(
        new Target.Named("3000-a.sandbox.localhost"), example.resolve("3000-a.sandbox.localhost"));
  }

  @Test
  void namesOutsideAsciiBecomePunycode() {
    assertEquals(new Target.Named("xn--bcher-kva.example"), hosts.resolve("Bücher.example"));
    assertEquals(
        new Target.Named("xn--bcher-kva.example"), hosts.resolve("b\u00c3\u00bccher.example"));
  }

  @Test
  void aNameThatIsAnotherOneToBrowsersNamesNothing() {
    assertInstanceOf(Target.Unknown.class, hosts.resolve("fa\u00df.example"));
    assertInstanceOf(Target.Unknown.class, hosts.resolve("fa\u00c3\u009f.example"));
    assertEquals(new Target.Named("xn--fa-hia.example"), hosts.resolve("xn--fa-hia.example"));
  }

  @Property
  void portAndSlugComeBackAsTheyWere(
      @ForAll @IntRange(min = 1, max = 65_535) int port, @ForAll("slugs") String slug) {
    assertEquals(
        new Target.SandboxPort(port, slug),
        hosts.resolve(port + "-" + slug + ".sandbox.localhost"));
  }

  @Property
  void spellingDoesNotMatter(@ForAll("names") String name) {
    Target target = hosts.resolve(name);
    assertEquals(target, hosts.resolve(name.toUpperCase(Locale.ROOT)));
    assertEquals(target, hosts.resolve(name + ":8443"));
    assertEquals(target, hosts.resolve(name + "."));
  }

  @Property(tries = 5_000)
  void anythingIsAnsweredAndNamesAreNormal(@ForAll String anything) {
    if (hosts.resolve(anything) instanceof Target.Named named) {
      assertEquals(named, hosts.resolve(named.host()));
      assertTrue(
          named.host().chars().allMatch(c -> c > ' ' && c < 0x7f && !Character.isUpperCase(c)));
    }
  }

  @Property
  void nothingBelowTheSandboxNameIsADeployment(@ForAll("names") String name) {
    Target target = hosts.resolve(name + ".sandbox.localhost");
    assertTrue(target instanceof Target.SandboxPort || target instanceof Target.Unknown);
  }

  @Provide
  Arbitrary<String> slugs() {
    return Arbitraries.strings()
        .withCharRange('a', 'z')
        .withCharRange('0', '9')
        .withChars('-')
        .ofMinLength(1)
        .ofMaxLength(57)
        .filter(slug -> !slug.startsWith("-") && !slug.endsWith("-"));
  }

  @Provide
  Arbitrary<String> names() {
    Arbitrary<String> label =
        Arbitraries.strings()
            .withCharRange('a', 'z')
            .withChars("0123456789-")
            .ofMinLength(1)
            .ofMaxLength(12);
    return label.list().ofMinSize(1).ofMaxSize(4).map(labels -> String.join(".", labels));
  }
}
