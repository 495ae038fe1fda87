package com.atoll.bench;

/** One promise, measured. */
interface Benchmark {
  Report run(Setup setup) throws Exception;
}
