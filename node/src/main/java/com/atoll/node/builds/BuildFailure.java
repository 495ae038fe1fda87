package com.atoll.node.builds;

/** A build that cannot go on, for a reason that its owner can understand. */
final class BuildFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  BuildFailure(String code, String sentence) {
    super(sentence, null, false, false);
    this.code = code;
  }

  String code() {
    return code;
  }

  static BuildFailure step(String sentence) {
    return new BuildFailure("BUILD_STEP_FAILED", sentence);
  }

  /** It may succeed when it is started again. */
  static BuildFailure passing(String sentence) {
    return new BuildFailure("BUILDS_TEMPORARILY_UNAVAILABLE", sentence);
  }
}
