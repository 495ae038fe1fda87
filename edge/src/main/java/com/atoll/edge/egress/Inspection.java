package com.atoll.edge.egress;

import com.atoll.edge.tls.Authority;
import com.atoll.platform.Installation;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Opens TLS where a rule needs to see the request: towards the sandbox with certificates of an
 * authority that exists for this alone, towards the host as any careful client.
 */
final class Inspection {
  private static final Path MACHINE = Path.of("/etc/ssl/certs/ca-certificates.crt");
  private static final long LIFE = Duration.ofDays(30).toNanos();
  private static final int MOST = 1_000;

  private record Made(SslContext context, long at) {}

  private final Authority authority;
  private final KeyPair key;
  private final SslContext client;
  private final Map<String, Made> servers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Made> eldest) {
          return size() > MOST;
        }
      };

  private Inspection(Authority authority, KeyPair key, SslContext client) {
    this.authority = authority;
    this.key = key;
    this.client = client;
  }

  static Inspection open(Installation installation) throws IOException, GeneralSecurityException {
    Authority authority =
        Authority.open(
            installation.home().resolve("edge/egress-ca"), "egress " + installation.id());
    SslContextBuilder client = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
    client.protocols("TLSv1.3", "TLSv1.2").endpointIdentificationAlgorithm("HTTPS");
    byte[] authorities = authorities(installation.authorities());
    if (authorities.length > 0) {
      client.trustManager(new ByteArrayInputStream(authorities));
    }
    return new Inspection(authority, Authority.newKey(), client.build());
  }

  /** Those of the machine, and the owner's own. */
  private static byte[] authorities(Path own) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Path file : List.of(MACHINE, own)) {
      if (Files.isReadable(file)) {
        all.write(Files.readAllBytes(file));
        all.write('\n');
      }
    }
    return all.toByteArray();
  }

  String pem() throws GeneralSecurityException {
    return authority.pem();
  }

  SslContext client() {
    return client;
  }

  /** What answers a sandbox in the name of this host. Takes some milliseconds for a new one. */
  synchronized SslContext server(String host) throws IOException, GeneralSecurityException {
    Made known = servers.get(host);
    if (known == null || System.nanoTime() - known.at() > LIFE) {
      SslContext context =
          SslContextBuilder.forServer(
                  key.getPrivate(), authority.issue(List.of(host), key), authority.certificate())
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .build();
      known = new Made(context, System.nanoTime());
      servers.put(host, known);
    }
    return known.context();
  }
}
