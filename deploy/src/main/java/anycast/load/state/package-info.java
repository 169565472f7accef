/// What state costs at a million instances: loading, starting from disk, following, telling.
///
/// May import everything: nothing imports it.
package anycast.load.state;
