package com.atoll.server.http;

import com.atoll.model.Principal;
import com.atoll.server.http.Operation.Declaration;
import java.util.List;

/** The last check before an operation runs, and the names by which operations are judged. */
public interface Gate {
  /** Lets everything through. */
  Gate OPEN =
      new Gate() {
        @Override
        public Pass enter(Call call, Declaration operation, List<String> besides) {
          return Pass.FREE;
        }

        @Override
        public String action(Declaration operation) {
          return operation.id();
        }

        @Override
        public void require(Principal principal, String operation) {
          // Everything is allowed.
        }
      };

  /**
   * Lets an operation of a credential run, or throws. It is asked after the scope was checked, and
   * not when a stored answer is sent again.
   *
   * @param besides ids of other operations that the request means too
   */
  Pass enter(Call call, Declaration operation, List<String> besides);

  /** The action that an operation is, as policies, approvals and the audit log name it. */
  String action(Declaration operation);

  /**
   * The same for a credential of which only its rights are known: it can ask for no approval, so
   * what needs one is refused as what is denied.
   */
  void require(Principal principal, String operation);

  /** What let an operation through. */
  interface Pass {
    /** It cost nothing. */
    Pass FREE = () -> {};

    /** The operation was refused after all: what the pass cost is given back. */
    void giveBack();
  }
}
