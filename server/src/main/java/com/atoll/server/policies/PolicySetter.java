package com.atoll.server.policies;

import com.atoll.server.store.Tx;

/** Sets the same policy of many, one after the other. */
public interface PolicySetter {
  /** Whose policy it is. */
  enum Tier {
    /** The organization's own; its subject is empty. */
    TENANT,
    /** A workspace's, by its id. */
    WORKSPACE,
    /** That of one of the customer's users, by the customer's id. */
    USER;

    /** The tier as it travels and is stored. */
    public String wire() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** The document that a policy is stored as; an error when something in it is wrong. */
  String document(NewPolicy asked);

  /** Sets it in place of the one before; to do it again changes nothing. */
  void set(Tx tx, Tier tier, String subject, String document);
}
