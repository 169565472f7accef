/// What becomes of a request: planning, header rules, faults as answers. Pure, apart from the heads
/// it edits.
package anycast.edge.request;
