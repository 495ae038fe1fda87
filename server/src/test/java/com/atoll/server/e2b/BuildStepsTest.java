package com.atoll.server.e2b;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class BuildStepsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static ObjectNode spec(String asked) {
    ObjectNode spec = Backend.object();
    BuildSteps.translate(JSON.readTree(asked.replace('\'', '"')), Backend.object(), spec);
    return spec;
  }

  private static ObjectNode onto(String parent, String asked) {
    ObjectNode spec = Backend.object();
    BuildSteps.translate(
        JSON.readTree(asked.replace('\'', '"')), JSON.readTree(parent.replace('\'', '"')), spec);
    return spec;
  }

  @Test
  void whatStandsOnAnotherStartsWhatThatStartsUnlessItSaysSomethingElse() {
    String parent =
        "{'workdir':'/srv','startCmd':'export A=1\\nserve','readyCmd':'look',"
            + "'steps':[{'env':{'B':'2'}}]}";
    ObjectNode silent = onto(parent, "{'steps':[]}");
    assertEquals("export A=1\nserve", silent.path("startCmd").asString());
    assertEquals("look", silent.path("readyCmd").asString());
    assertEquals("true", silent.path("steps").path(0).path("run").asString());
    ObjectNode other = onto(parent, "{'startCmd':'mine','steps':[]}");
    assertEquals("export B='2'\nmine", other.path("startCmd").asString());
    assertTrue(other.path("readyCmd").isMissingNode());
    ObjectNode ready = onto(parent, "{'readyCmd':'see','steps':[]}");
    assertTrue(ready.path("startCmd").isMissingNode());
    assertTrue(onto("{}", "{'steps':[]}").path("startCmd").isMissingNode());
  }

  @Test
  void thePauseThatTheSdksAddToADockerfileIsKnownAgain() {
    ObjectNode spec =
        spec("{'startCmd':'it','readyCmd':'sleep 20','steps':[" + step("ENV", "A", "1") + "]}");
    assertEquals("sleep 20", spec.path("readyCmd").asString());
    assertEquals("export A='1'\nit", spec.path("startCmd").asString());
  }

  private static String step(String type, String... args) {
    return "{'type':'" + type + "','args':['" + String.join("','", args) + "']}";
  }

  private static ObjectNode steps(String... steps) {
    return spec("{'steps':[" + String.join(",", steps) + "]}");
  }

  @Test
  void eachStepHasWhatTheInstructionsBeforeItSaid() {
    ObjectNode spec =
        steps(
            step("RUN", "one"),
            step("ENV", "A", "1", "B", "2"),
            step("WORKDIR", "/app"),
            step("USER", "app"),
            step("WORKDIR", "../srv/./x"),
            step("RUN", "two"),
            step("RUN", "three", "user"));
    JsonNode one = spec.path("steps").path(0);
    assertEquals("/home/user", one.path("workdir").asString());
    assertEquals("root", one.path("user").asString());
    assertTrue(one.path("env").isMissingNode());
    JsonNode two = spec.path("steps").path(1);
    assertEquals("6", two.path("name").asString());
    assertEquals("/srv/x", two.path("workdir").asString());
    assertEquals("app", two.path("user").asString());
    assertEquals("{\"A\":\"1\",\"B\":\"2\"}", two.path("env").toString());
    assertEquals("root", spec.path("steps").path(2).path("user").asString());
    assertEquals("app", spec.path("user").asString());
    assertEquals("/srv/x", spec.path("workdir").asString());
  }

  @Test
  void aVariableThatNoShellCanNameIsSetForAShellOfItsOwn() {
    ObjectNode spec =
        spec(
            "{'startCmd':'it','steps':["
                + step("ENV", "a.b", "1", "C", "2", "l-1", "$C:$HOME")
                + ","
                + step("RUN", "run")
                + "]}");
    JsonNode run = spec.path("steps").path(0);
    assertEquals("{\"a.b\":\"1\",\"C\":\"2\"}", run.path("env").toString());
    assertEquals(
        "exec env -- 'l-1'=\"2:$HOME\" \"${BASH:-/bin/sh}\" -c 'run'", run.path("run").asString());
    assertEquals(
        "export C='2'\nexec env -- 'a.b'='1' 'l-1'=\"2:$HOME\" \"${BASH:-/bin/sh}\" -c 'it'",
        spec.path("startCmd").asString());
  }

  @Test
  void variablesStandForTheirValuesAndWhatIsNotKnownIsLeftToTheShell() {
    JsonNode run =
        steps(
                step("ENV", "ROOT", "/opt"),
                step("ENV", "BIN", "${ROOT}/bin"),
                step("ENV", "PATH", "$BIN:$PATH"),
                step("RUN", "x"))
            .path("steps")
            .path(0);
    assertEquals("/opt/bin", run.path("env").path("BIN").asString());
    assertTrue(run.path("env").path("PATH").isMissingNode());
    assertEquals("export PATH=\"/opt/bin:$PATH\"\nx", run.path("run").asString());
  }

  @Test
  void whatStandsOnAnotherGoesOnWhereThatLeftOff() {
    ObjectNode parent =
        steps(
            step("ENV", "A", "1"),
            step("WORKDIR", "/srv/app"),
            step("USER", "app"),
            step("RUN", "one"));
    ObjectNode child = Backend.object();
    BuildSteps.translate(
        JSON.readTree("{\"steps\":[{\"type\":\"RUN\",\"args\":[\"cat f\"]}]}"), parent, child);
    JsonNode run = child.path("steps").path(0);
    assertEquals("/srv/app", run.path("workdir").asString());
    assertEquals("app", run.path("user").asString());
    assertEquals("1", run.path("env").path("A").asString());
    assertEquals("/srv/app", child.path("workdir").asString());
  }

  @Test
  void aValueRunsNothing() {
    ObjectNode spec = JSON.createObjectNode().put("startCmd", "serve");
    ObjectNode env = spec.putArray("steps").addObject().put("type", "ENV");
    env.putArray("args").add("A").add("it's").add("B").add("$HOME $(id) `id` \"");
    ObjectNode out = Backend.object();
    BuildSteps.translate(spec, Backend.object(), out);
    assertEquals(
        "export A='it'\\''s'\nexport B=\"$HOME \\$(id) \\`id\\` \\\"\"\nserve",
        out.path("startCmd").asString());
  }

  @Test
  void copiesNameTheirFilesAndStayBelowTheContext() {
    JsonNode step =
        spec("{'steps':[{'type':'COPY','args':['./a/../b/','/app/','user:user','0644'],"
                + "'filesHash':'abc','force':true},{'type':'RUN','args':['x']}]}")
            .path("steps")
            .path(0);
    assertEquals(
        "{\"files\":\"abc\",\"from\":\"b\",\"to\":\"/app/\",\"owner\":\"root:root\",\"mode\":\"0644\"}",
        step.path("copy").toString());
    assertTrue(step.path("fresh").asBoolean());
    assertEquals(
        ".",
        steps(step("COPY", "./", "x")).path("steps").path(0).path("copy").path("from").asString());
    for (String bad : List.of("../x", "a/../../x", "/etc/passwd")) {
      AtollException refused =
          assertThrows(AtollException.class, () -> steps(step("COPY", bad, "/x")));
      assertEquals(ErrorCode.INVALID_REQUEST, refused.code());
    }
  }

  @Test
  void whatCannotBeSaidIsRefusedByName() {
    for (String step : List.of(step("CMD", "x"), step("USER", "app:other"), "{'args':['x']}")) {
      AtollException refused = assertThrows(AtollException.class, () -> steps(step));
      assertEquals(ErrorCode.NOT_IMPLEMENTED, refused.code());
    }
    String[] wrong = {
      step("RUN", ""), "{'type':'RUN'}", step("ENV", "A=B", "x"), step("WORKDIR", "../../..")
    };
    for (String step : wrong) {
      AtollException refused = assertThrows(AtollException.class, () -> steps(step));
      assertEquals(ErrorCode.INVALID_REQUEST, refused.code());
    }
  }

  @Test
  void aBuildsNameHoldsOursAndWhatWasAskedFor() {
    ObjectNode wish = Backend.object().put("cpuCount", 2);
    BuildNames.Named named = BuildNames.read(BuildNames.next(wish));
    assertTrue(named.id().matches("bld_[0-9a-z]{26}"), named.id());
    assertEquals(wish, named.wish());
    assertEquals(named.id(), BuildNames.read(BuildNames.shown(named.id())).id());
    for (String bad :
        List.of("", "x", "bld_" + "0".repeat(26), BuildNames.shown(named.id()) + ".!")) {
      assertThrows(AtollException.class, () -> BuildNames.read(bad));
    }
  }
}
