package com.atoll.server.deployments;

import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;

/** The tables of this capability and the store they lie in. */
record Tables(
    Store store,
    Vault vault,
    DeploymentStore deployments,
    VersionStore versions,
    InstanceStore instances,
    DomainStore domains,
    EnvStore env) {

  static Tables of(Store store, Vault vault) {
    return new Tables(
        store,
        vault,
        new DeploymentStore(),
        new VersionStore(),
        new InstanceStore(),
        new DomainStore(store),
        new EnvStore(vault));
  }
}
