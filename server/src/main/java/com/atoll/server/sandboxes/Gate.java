package com.atoll.server.sandboxes;

/** Where the admission is found, once somebody is responsible for it. */
final class Gate {
  private volatile Admission admission = Admission.OPEN;

  void keeper(Admission keeper) {
    admission = keeper;
  }

  Admission now() {
    return admission;
  }
}
