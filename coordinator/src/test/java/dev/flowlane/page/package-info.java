/** Tests of what the page shows and to whom; {@code PageIT} looks at it in a browser. */
@NullMarked
package dev.flowlane.page;

import org.jspecify.annotations.NullMarked;
