/// Plays a fleet in virtual time to compare ways of choosing an instance: the real picker beside
/// plain ones. Imports the table's model and picker; nothing imports it.
package anycast.load.balance;
