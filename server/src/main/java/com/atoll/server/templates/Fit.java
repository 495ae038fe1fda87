package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.AtollException.Problem;
import com.atoll.model.Shape;
import com.atoll.node.v1.NodeDescription;
import com.atoll.server.sandboxes.Machine;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Refuses a specification of which no sandbox can be made: the machine is smaller. */
record Fit(Machine machine) {
  private static final Logger LOG = LoggerFactory.getLogger(Fit.class);
  private static final String SIZE = "size";

  /** Names each field that asks for more than there is, as the client sent it. */
  void require(Shape shape, JsonNode json) {
    NodeDescription there;
    try {
      there = machine.describe();
    } catch (AtollException away) {
      // Templates are made without the machine too; a build says in its time what is wrong.
      LOG.info("A template is not compared with the machine: {}", away.getMessage());
      return;
    }
    List<Problem> problems = new ArrayList<>();
    compare(problems, json, "vcpu", shape.cpus(), there.getCpus(), "CPUs");
    compare(
        problems, json, "memoryMib", shape.memoryMb(), there.getMemoryTotalMb(), "MiB of memory");
    compare(problems, json, "diskMib", shape.diskMb(), there.getDiskTotalMb(), "MiB of disk");
    BuildSpecs.throwIf(problems);
  }

  private static void compare(
      List<Problem> problems, JsonNode json, String field, long asked, long there, String what) {
    if (asked > there) {
      String sent = json.hasNonNull(field) ? field : SIZE;
      problems.add(
          new Problem(
              "INVALID_SIZE", sent, "is larger than the machine, which has " + there + " " + what));
    }
  }
}
