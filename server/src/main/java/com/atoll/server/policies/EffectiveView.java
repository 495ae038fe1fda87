package com.atoll.server.policies;

import com.atoll.server.http.Doc;
import java.util.Map;

/** What holds, leaf by leaf. */
record EffectiveView(
    @Doc(
            "Bounds of lifetimes; each {value, source}. In test mode max_age_sec is the time after which whatever was made is deleted.")
        Map<String, Effective.Leaf> lifecycle,
    @Doc("Bounds of counts and of requests; each {value, source}.")
        Map<String, Effective.Leaf> quotas,
    @Doc("Bounds of shapes; each {value, source}.") Map<String, Effective.Leaf> sizing,
    @Doc("Switches; each {value, source}.") Map<String, Effective.Leaf> features,
    @Doc(
            "What sandboxes reach; each {value, source}. The source is user, workspace, tenant or platform.")
        Map<String, Effective.Leaf> egress) {

  static EffectiveView of(Effective effective) {
    Map<String, Map<String, Effective.Leaf>> groups = effective.groups();
    return new EffectiveView(
        groups.getOrDefault("lifecycle", Map.of()),
        groups.getOrDefault("quotas", Map.of()),
        groups.getOrDefault("sizing", Map.of()),
        groups.getOrDefault("features", Map.of()),
        groups.getOrDefault("egress", Map.of()));
  }
}
