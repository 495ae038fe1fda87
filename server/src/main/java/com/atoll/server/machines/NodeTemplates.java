package com.atoll.server.machines;

import com.atoll.node.v1.BuildFiles;
import com.atoll.node.v1.BuildFilesRef;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.OpenBuildFilesRequest;
import com.atoll.node.v1.TemplateBuild;
import com.atoll.node.v1.TemplateBuildList;
import com.atoll.node.v1.TemplateBuildLog;
import com.atoll.node.v1.TemplateBuildLogRequest;
import com.atoll.node.v1.TemplateBuildRef;
import com.atoll.node.v1.TemplateBuildRequest;
import com.atoll.node.v1.TemplateList;
import com.atoll.node.v1.Ticket;
import java.time.Duration;

/** Images, and how they are built. */
public final class NodeTemplates {
  private final NodeCalls calls;

  NodeTemplates(NodeCalls calls) {
    this.calls = calls;
  }

  /** The templates and whether they are built. */
  public TemplateList listTemplates(ListRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.listTemplates(request));
  }

  /** Begins to build an image. Idempotent by id. */
  public TemplateBuild startTemplateBuild(TemplateBuildRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.startTemplateBuild(request));
  }

  /** Every build that the node knows. */
  public TemplateBuildList listTemplateBuilds(ListRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.listTemplateBuilds(request));
  }

  /** What a build said; waits for more as long as the request says. */
  public TemplateBuildLog readTemplateBuildLog(TemplateBuildLogRequest request) {
    Duration deadline = Duration.ofMillis(request.getWaitMs()).plus(NodeCalls.GRACE);
    return calls.call(deadline, node -> node.readTemplateBuildLog(request));
  }

  /** A ticket for the bytes of an archive that steps copy from. */
  public Ticket openBuildFiles(OpenBuildFilesRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.openBuildFiles(request));
  }

  /** What is known of such an archive. */
  public BuildFiles getBuildFiles(BuildFilesRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.getBuildFiles(request));
  }

  /** Calls a build off and keeps its log; one that is over stays what it is. */
  public TemplateBuild cancelTemplateBuild(TemplateBuildRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.cancelTemplateBuild(request));
  }

  /** Calls a build off and gives its image up. Idempotent. */
  public Empty dropTemplateBuild(TemplateBuildRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.dropTemplateBuild(request));
  }
}
