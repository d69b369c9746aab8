import static org.apache.spark.sql.avro.functions.from_avro;
import static org.apache.spark.sql.functions.*;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

import java.nio.file.Files;
import java.nio.file.Path;

/** Runs the recipe, which stands in place of the line RECIPE, in a Spark of its own within this process. */
public final class RunSpark {
    private RunSpark() {}

    public static void main(String[] arguments) throws Exception {
        SparkSession spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "2")
                .getOrCreate();
// RECIPE
        spark.stop();
    }
}
