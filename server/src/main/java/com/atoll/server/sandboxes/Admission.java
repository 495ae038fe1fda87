package com.atoll.server.sandboxes;

import com.atoll.server.store.Tx;

/** Who says whether a sandbox may run: budgets, quotas and the owner of the installation. */
public interface Admission {
  /** Something that is held for a sandbox that is about to run. */
  interface Hold extends AutoCloseable {
    /** Its row says that it runs, or it will not run. */
    @Override
    void close();
  }

  /** Everything may run. */
  Admission OPEN =
      new Admission() {
        @Override
        public Hold admit(Sandbox sandbox, boolean made) {
          return () -> {};
        }

        @Override
        public void check(Tx tx, Sandbox sandbox) {}

        @Override
        public void checkDisk(Tx tx, Sandbox sandbox, int moreMb) {}
      };

  /**
   * Holds what a sandbox needs to run a while, or refuses it.
   *
   * @param made whether it is being created, rather than resumed
   */
  Hold admit(Sandbox sandbox, boolean made);

  /** Refuses a new sandbox that a quota forbids, in the transaction that is about to store it. */
  void check(Tx tx, Sandbox sandbox);

  /** Refuses more disk that a quota forbids, in the transaction that is about to store it. */
  void checkDisk(Tx tx, Sandbox sandbox, int moreMb);
}
