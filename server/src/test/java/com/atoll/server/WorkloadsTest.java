package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.atoll.platform.Installation;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Registry;
import com.atoll.server.identity.IdentityApi;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkloadsTest {
  @Test
  void declarationsOfSandboxesKeepTheRules(@TempDir Path home) {
    Installation installation =
        new Installation(
            "test",
            home,
            home,
            home,
            8080,
            8443,
            List.of("127.0.0.1"),
            "localhost",
            "http",
            0,
            0,
            0,
            0,
            "10.7.0.0/16",
            "169.254.1.1",
            5353,
            2_000_000_000L,
            1,
            null,
            1,
            List.of(),
            List.of(),
            1024,
            false);
    Workloads workloads =
        new Workloads(
            installation, Store.of(installation), Vault.of(installation), IdentityApi.identity());
    List<Operation<?, ?>> operations = new ArrayList<>();
    workloads.capabilities().forEach(capability -> operations.addAll(capability.operations()));
    assertFalse(Registry.of(operations).operations().isEmpty());
  }
}
