package com.atoll.server.sandboxes;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;

/** What may be asked of many sandboxes at once: which they are, and one thing done to each. */
public interface SandboxCrowd {
  /** What is done, as the operation of the same name does it to one. */
  enum Act {
    /** Compute is stopped, files are kept, and memory for a while. */
    PAUSE,
    /** Compute is started again. */
    RESUME,
    /** The sandbox and its files end. */
    DESTROY
  }

  /** Writes down what machines told last, so that questions about states are answered right. */
  void settle();

  /** The ids of those that the transaction sees, by the id or the slug that names them. */
  Map<String, String> named(Tx tx, List<String> references);

  /** The ids of those that match, oldest first, and no more than so many. */
  List<String> matching(Tx tx, SandboxFilter filter, int most);

  /** The customer's users that those that match belong to, and no more than so many. */
  List<String> externalUsers(Tx tx, SandboxFilter filter, int most);

  /** Does it to one; to do it again changes nothing. */
  void act(OrganizationId org, String id, Act act);
}
