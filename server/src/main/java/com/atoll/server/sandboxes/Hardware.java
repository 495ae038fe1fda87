package com.atoll.server.sandboxes;

/**
 * What of its machine a sandbox gets into its hands.
 *
 * @param kvm whether it runs virtual machines
 * @param gpus how many graphics processors
 * @param gpuModel what they are called, or a part of it; empty for any
 */
record Hardware(boolean kvm, int gpus, String gpuModel) {
  static final Hardware NONE = new Hardware(false, 0, "");
}
