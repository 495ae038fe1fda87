package com.atoll.server.deployments;

import com.atoll.server.http.Doc;

/** A record that the DNS of a custom domain must have. */
record DomainRecord(
    @Doc("CNAME, ALIAS (or the A and AAAA records that it stands for) or TXT.") String type,
    @Doc("Name of the record.") String name,
    @Doc("What it must say.") String value) {}
