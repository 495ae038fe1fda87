package com.atoll.server.billing;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.Map;

/** The plan of an organization. */
record PlanView(
    @Doc("Id of the organization.") String id,
    @Doc("Name of the organization.") String name,
    @Doc("Its plan: free, starter, pro or scale.") String plan,
    @Doc("active or suspended.") String status,
    @Doc("Limits by name; what is not named is limited by the machine alone.")
        Map<String, Integer> limits,
    @Doc("What is used now, by name.") Map<String, Integer> usage,
    @Doc("Texts of your own.") Map<String, String> metadata,
    @Doc("When the organization was made.") Instant createdAt,
    @Doc("When it was last changed.") Instant updatedAt) {}
