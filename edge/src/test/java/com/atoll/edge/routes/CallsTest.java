package com.atoll.edge.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class CallsTest {
  private final Calls calls = new Calls();

  private void add(String sandbox, String action, int number) {
    calls.add(
        RouteJson.JSON
            .createObjectNode()
            .put("sandbox_id", sandbox)
            .put("action", action)
            .put("at_unix_ms", number));
  }

  private List<ObjectNode> all() {
    List<ObjectNode> all = new ArrayList<>();
    while (!calls.isEmpty()) {
      all.addAll(calls.take(100));
    }
    return all;
  }

  private static List<ObjectNode> of(List<ObjectNode> all, String sandbox) {
    return all.stream().filter(call -> call.path("sandbox_id").asString().equals(sandbox)).toList();
  }

  private static long count(List<ObjectNode> told) {
    return told.stream().mapToLong(call -> 1 + call.path("unlogged").asLong(0)).sum();
  }

  @Test
  void aFloodCostsNobodyElseARecordAndSaysHowManyItLost() {
    for (int i = 0; i < 50_000; i++) {
      add("flood", "deny", i);
    }
    add("quiet", "deny", 1);
    List<ObjectNode> first = calls.take(100);
    assertEquals(1, of(first, "quiet").size());
    List<ObjectNode> all = new ArrayList<>(first);
    all.addAll(all());
    List<ObjectNode> flood = of(all, "flood");
    assertEquals(Calls.MOST_OF_ONE + 1, flood.size());
    assertEquals(50_000, count(flood));
    ObjectNode last = flood.getLast();
    assertEquals(49_999, last.path("at_unix_ms").asInt());
    assertEquals(50_000 - Calls.MOST_OF_ONE - 1, last.path("unlogged").asLong());
    assertTrue(calls.isEmpty());
  }

  @Test
  void whatWasLostIsToldForEachAction() {
    for (int i = 0; i < Calls.MOST_OF_ONE + 3; i++) {
      add("flood", "deny", i);
    }
    add("flood", "allow", 5);
    List<ObjectNode> all = all();
    ObjectNode denied = all.get(all.size() - 2);
    assertEquals("deny", denied.path("action").asString());
    assertEquals(2, denied.path("unlogged").asLong());
    assertEquals("allow", all.getLast().path("action").asString());
    assertTrue(all.getLast().path("unlogged").isMissingNode());
    assertEquals(Calls.MOST_OF_ONE + 4, count(all));
  }

  @Test
  void manyWhoFloodGiveWayToWhoSaysLittle() {
    int sandboxes = 40;
    for (int i = 0; i < 1_500; i++) {
      for (int sandbox = 0; sandbox < sandboxes; sandbox++) {
        add("sbx" + sandbox, "deny", i);
      }
    }
    for (int i = 0; i < 100; i++) {
      add("quiet" + i, "fail", 1);
    }
    List<ObjectNode> all = all();
    assertTrue(all.size() <= Calls.MOST + sandboxes, "kept " + all.size());
    for (int sandbox = 0; sandbox < sandboxes; sandbox++) {
      List<ObjectNode> told = of(all, "sbx" + sandbox);
      assertEquals(1_500, count(told));
      assertTrue(told.size() > 300, "of one: " + told.size());
    }
    for (int i = 0; i < 100; i++) {
      assertEquals(1, of(all, "quiet" + i).size());
    }
  }

  @Test
  void oneAfterTheOtherIsToldSomething() {
    for (int sandbox = 0; sandbox < 5; sandbox++) {
      for (int i = 0; i < 100; i++) {
        add("sbx" + sandbox, "allow", i);
      }
    }
    List<ObjectNode> first = calls.take(50);
    for (int sandbox = 0; sandbox < 5; sandbox++) {
      assertEquals(10, of(first, "sbx" + sandbox).size());
    }
    assertEquals(450, all().size());
  }
}
