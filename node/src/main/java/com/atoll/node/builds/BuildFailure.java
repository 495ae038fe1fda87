package com.atoll.node.builds;

/** A build that cannot go on, for a reason that its owner can understand. */
final class BuildFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final String STEP = "BUILD_STEP_FAILED";

  private final String code;

  BuildFailure(String code, String sentence) {
    super(sentence, null, false, false);
    this.code = code;
  }

  String code() {
    return code;
  }

  static BuildFailure step(String sentence) {
    return new BuildFailure(STEP, sentence);
  }

  /** The same, with the number of the step that it happened in. */
  BuildFailure in(int step) {
    String sentence = String.valueOf(getMessage());
    return code.equals(STEP) && !sentence.startsWith("step ")
        ? step("step " + step + ": " + sentence)
        : this;
  }

  /** It may succeed when it is started again. */
  static BuildFailure passing(String sentence) {
    return new BuildFailure("BUILDS_TEMPORARILY_UNAVAILABLE", sentence);
  }
}
