/// Rules about the source that a machine can check. May import nothing of the product: it reads
/// files and classes.
package anycast.tidy;
