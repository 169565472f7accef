package anycast.routing.sim;

/// What can go wrong in one world; drawn once, so that worlds differ in kind and not only in
/// detail.
///
/// @param storeSyncsLie acknowledged transactions may be gone after an agent's machine crashed
/// @param diskSyncsLie the edge's disk forgets what it said it had synced
/// @param faultyAgents say lines twice or in the wrong order
/// @param overloaded agents refuse with 503
/// @param slowEdge the edge stalls for seconds
/// @param replicasLag writes reach the other agents late and in any order
/// @param restores stores are restored from backups, or come up empty
/// @param restarts the edge is restarted, killed, and loses power
/// @param audits the edge audits itself often, where others do so when an operator asks
/// @param stormy how often something happens, 1 to 4
record Kinds(
    boolean storeSyncsLie,
    boolean diskSyncsLie,
    boolean faultyAgents,
    boolean overloaded,
    boolean slowEdge,
    boolean replicasLag,
    boolean restores,
    boolean restarts,
    boolean audits,
    int stormy) {
  static Kinds drawn(Chance chance) {
    return new Kinds(
        chance.oneIn(6),
        chance.oneIn(6),
        chance.oneIn(4),
        chance.oneIn(5),
        chance.oneIn(3),
        chance.oneIn(2),
        chance.oneIn(2),
        chance.oneIn(2),
        chance.oneIn(8),
        1 + chance.below(4));
  }
}
