package com.atoll.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The borders of the house. */
class HouseRulesTest {
  private static final JavaClasses SERVER =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("com.atoll.server");
  private static final JavaClasses MODEL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("com.atoll.model");

  @Test
  void capabilitiesHaveNoCycles() {
    slices().matching("com.atoll.server.(*)..").should().beFreeOfCycles().check(SERVER);
  }

  @Test
  void onlyMachinesTalksToMachines() {
    noClasses()
        .that()
        .resideOutsideOfPackage("com.atoll.server.machines..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.grpc..", "io.netty..")
        .because("the server reaches machines only through the package machines")
        .check(SERVER);
  }

  @Test
  void onlyHttpKnowsTheHttpServer() {
    noClasses()
        .that()
        .resideOutsideOfPackage("com.atoll.server.http..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.eclipse.jetty..")
        .because("capabilities see calls, not the server that carries them")
        .check(SERVER);
  }

  @Test
  void onlyTheStoreConnectsToTheDatabase() {
    noClasses()
        .that()
        .resideOutsideOfPackage("com.atoll.server.store..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.zaxxer..", "org.flywaydb..", "org.postgresql..")
        .because("row-level security is set where transactions begin")
        .check(SERVER);
  }

  @Test
  void theKernelKnowsNoCapability() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "com.atoll.server.http..", "com.atoll.server.store..", "com.atoll.server.secrets..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "com.atoll.server.identity..",
            "com.atoll.server.keys..",
            "com.atoll.server.tokens..",
            "com.atoll.server.events..",
            "com.atoll.server.billing..",
            "com.atoll.server.sandboxes..",
            "com.atoll.server.deployments..")
        .check(SERVER);
  }

  @Test
  void theModelHasNoInputOrOutput() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.io..", "java.nio.file..", "java.net..", "java.sql..", "tools.jackson..")
        .check(MODEL);
  }

  @Test
  void nobodySleepsOrWritesToStandardOutput() {
    noClasses()
        .that()
        .doNotHaveSimpleName("MintCommand")
        .and()
        .doNotHaveSimpleName("ArchiveCommand")
        .and()
        .doNotHaveSimpleName("PrepareDatabase")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .check(SERVER);
  }
}
