import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.ResultKind;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringJoiner;

/** Runs a script of Flink SQL in a cluster of its own within this process; prints the rows of queries. */
public final class RunSql {
    private RunSql() {}

    public static void main(String[] arguments) throws Exception {
        TableEnvironment flink = TableEnvironment.create(EnvironmentSettings.inBatchMode());
        for (String statement : Files.readString(Path.of(arguments[0])).split(";\\s*(\\n|$)")) {
            if (!statement.isBlank()) {
                TableResult result = flink.executeSql(statement);
                if (result.getResultKind() == ResultKind.SUCCESS_WITH_CONTENT) {
                    print(result);
                }
            }
        }
    }

    private static void print(TableResult result) throws Exception {
        try (CloseableIterator<Row> rows = result.collect()) {
            while (rows.hasNext()) {
                Row row = rows.next();
                StringJoiner line = new StringJoiner(" ", "row ", "");
                for (String name : result.getResolvedSchema().getColumnNames()) {
                    line.add(name + "=" + row.getField(name));
                }
                System.out.println(line);
            }
        }
    }
}
