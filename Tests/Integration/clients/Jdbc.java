// pgjdbc: server-side prepared statements from the fifth execution on, fetch sizes, batches, CopyManager.

import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

public class Jdbc {
    static final String[] ZONES = {"Europe/Paris", "Asia/Tokyo", "UTC"};
    static String model;
    static CyclicBarrier everybody;

    final int number;
    final int base;
    final Connection connection;
    final Map<String, Object> found = new LinkedHashMap<>();
    final List<Object> said = new ArrayList<>();
    final List<Object> pids = new ArrayList<>();

    interface Work {
        void run() throws SQLException;
    }

    Jdbc(int number) throws SQLException {
        this.number = number;
        base = number * 1000;
        Properties properties = new Properties();
        properties.put("user", System.getenv("PGUSER"));
        properties.put("password", System.getenv("PGPASSWORD"));
        properties.put("ApplicationName", "client " + number);
        connection = DriverManager.getConnection("jdbc:postgresql://" + System.getenv("PGHOST") + ":"
            + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE"), properties);
    }

    Object one(String text) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(text)) {
            rows.next();
            return rows.getObject(1);
        }
    }

    int run(String text) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(text);
        }
    }

    void insert(int offset) throws SQLException {
        run("INSERT INTO app.kept VALUES (" + (base + offset) + ")");
    }

    Object count(int offset) throws SQLException {
        return one("SELECT count(*) FROM app.kept WHERE id = " + (base + offset));
    }

    static String failure(Work work) throws SQLException {
        try {
            work.run();
        } catch (SQLException error) {
            return error.getSQLState();
        }
        return null;
    }

    void simple() throws SQLException {
        found.put("application", one("SHOW application_name"));
        try (Statement statement = connection.createStatement();
            ResultSet rows = statement.executeQuery("SELECT " + number + ", 'it''s ü – " + number + "'")) {
            rows.next();
            found.put("simple", List.of(rows.getInt(1), rows.getString(2)));
        }
    }

    void prepared() throws SQLException {
        List<Object> own = new ArrayList<>(), shared = new ArrayList<>();
        try (PreparedStatement mine = connection.prepareStatement(
                "SELECT ?::int + " + number * 100 + ", ?::text, pg_backend_pid()");
            PreparedStatement everybodys = connection.prepareStatement("SELECT ?::int * 2")) {
            for (int round = 0; round < 10; round++) {
                mine.setInt(1, round);
                mine.setString(2, "round " + round);
                try (ResultSet rows = mine.executeQuery()) {
                    rows.next();
                    own.add(List.of(rows.getInt(1), rows.getString(2)));
                    pids.add(rows.getInt(3));
                }
                everybodys.setInt(1, round);
                try (ResultSet rows = everybodys.executeQuery()) {
                    rows.next();
                    shared.add(rows.getInt(1));
                }
            }
        }
        found.put("prepared", own);
        found.put("shared", shared);
    }

    void transactions() throws SQLException {
        connection.setAutoCommit(false);
        insert(1);
        connection.rollback();
        insert(2);
        connection.commit();
        found.put("rolled_back", count(1));
        found.put("committed", count(2));
        connection.commit();
        insert(3);
        found.put("failed", Arrays.asList(failure(() -> one("SELECT 1/0")), failure(() -> one("SELECT 1"))));
        connection.rollback();
        found.put("after_failure", one("SELECT " + number));
        insert(4);
        Savepoint savepoint = connection.setSavepoint();
        insert(5);
        found.put("savepoint", failure(() -> one("SELECT 1/0")));
        connection.rollback(savepoint);
        insert(6);
        connection.commit();
        connection.setAutoCommit(true);
    }

    void settings() throws SQLException {
        run("SET statement_timeout = " + (60000 + number));
        run("SET TimeZone = '" + ZONES[number % 3] + "'");
        List<Object> read = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            read.add(List.of(one("SHOW statement_timeout"), one("SHOW TimeZone")));
        }
        found.put("settings", read);
        connection.setAutoCommit(false);
        run("SET LOCAL statement_timeout = 5000");
        Object within = one("SHOW statement_timeout");
        connection.commit();
        found.put("local", List.of(within, one("SHOW statement_timeout")));
        connection.commit();
        run("SET statement_timeout = 7000");
        within = one("SHOW statement_timeout");
        connection.rollback();
        found.put("undone", List.of(within, one("SHOW statement_timeout")));
        connection.commit();
        connection.setAutoCommit(true);
        if (number % 2 == 1) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        }
        read = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            read.add(one("SHOW transaction_isolation"));
        }
        found.put("isolation", read);
    }

    void fetch() throws SQLException {
        connection.setAutoCommit(false);
        int count = 0, sum = 0;
        try (PreparedStatement statement = connection.prepareStatement(
            "SELECT i + ?::int FROM generate_series(1, 100) AS t(i)")) {
            statement.setInt(1, base);
            statement.setFetchSize(30);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    count++;
                    sum += rows.getInt(1);
                }
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        found.put("fetched", List.of(count, sum));
    }

    void batches() throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO app.kept VALUES (?, ?)")) {
            for (int row = 0; row < 10; row++) {
                statement.setInt(1, base + 100 + row);
                statement.setString(2, "batch");
                statement.addBatch();
            }
            int inserted = 0;
            for (int counted : statement.executeBatch()) {
                inserted += counted;
            }
            found.put("batch", inserted);
        }
        connection.commit();
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO app.kept VALUES (100 / ?::int)")) {
            for (int divisor : new int[] {1, 0, 2}) {
                statement.setInt(1, divisor);
                statement.addBatch();
            }
            found.put("failed_batch", failure(statement::executeBatch));
        }
        connection.rollback();
        connection.setAutoCommit(true);
    }

    void copy() throws Exception {
        CopyManager copies = connection.unwrap(PGConnection.class).getCopyAPI();
        StringBuilder rows = new StringBuilder();
        for (int row = 0; row < 50; row++) {
            rows.append(base + 300 + row).append("\tcopied\n");
        }
        long copied = copies.copyIn("COPY app.kept (id, body) FROM STDIN", new StringReader(rows.toString()));
        StringWriter out = new StringWriter();
        copies.copyOut("COPY (SELECT id FROM app.kept WHERE id BETWEEN " + (base + 300) + " AND " + (base + 399)
            + ") TO STDOUT", out);
        int sum = Arrays.stream(out.toString().split("\n")).mapToInt(Integer::parseInt).sum();
        found.put("copied", List.of(copied, sum));
    }

    void cancel() throws Exception {
        if (number > 1) {
            for (int round = 0; round < 4; round++) {
                one("SELECT pg_sleep(0.01)");
            }
            found.put("cancelled", null);
            return;
        }
        try (Statement statement = connection.createStatement()) {
            Thread canceller = new Thread(() -> {
                try {
                    Thread.sleep(500);
                    statement.cancel();
                } catch (Exception error) {
                    throw new IllegalStateException(error);
                }
            });
            canceller.start();
            found.put("cancelled", failure(() -> statement.execute("SELECT pg_sleep(30)")));
            canceller.join();
        }
    }

    String denial(Work work) {
        try {
            work.run();
        } catch (SQLException error) {
            if (error.getSQLState().equals("42501")) {
                said.add(((org.postgresql.util.PSQLException) error).getServerErrorMessage().getMessage());
            }
            return error.getSQLState();
        }
        return null;
    }

    void denied() throws SQLException {
        List<Object> states = new ArrayList<>();
        states.add(denial(() -> one("SELECT pg_read_file('/etc/passwd')")));
        states.add(denial(() -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT pg_read_file(?)")) {
                statement.setString(1, "/etc/passwd");
                statement.executeQuery();
            }
        }));
        connection.setAutoCommit(false);
        insert(7);
        states.add(denial(() -> one("SELECT pg_read_file('/etc/passwd')")));
        states.add(denial(() -> one("SELECT 1")));
        connection.rollback();
        connection.setAutoCommit(true);
        found.put("denied", states);
        found.put("after_denied", one("SELECT " + number));
    }

    static double rounded(double value) {
        return BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_EVEN).doubleValue();
    }

    void embed() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pgml.embed(?, ?)")) {
            statement.setString(1, model);
            statement.setString(2, "That is a happy person");
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                Array array = rows.getArray(1);
                Float[] numbers = (Float[]) array.getArray();
                double squares = 0;
                for (float number : numbers) {
                    squares += number * number;
                }
                found.put("embedding", List.of(numbers.length, rounded(Math.sqrt(squares)), rounded(numbers[0]),
                    rounded(numbers[1]), rounded(numbers[2])));
            }
        }
    }

    void leave() throws SQLException {
        List<Object> ids = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
            "SELECT id FROM app.kept WHERE id >= ? AND id < ? ORDER BY id")) {
            statement.setInt(1, base);
            statement.setInt(2, base + 1000);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getInt(1));
                }
            }
        }
        found.put("kept", ids);
        // What connection pools of Java ask and do between two borrowers of a connection.
        found.put("extra", Map.of("valid", connection.isValid(5), "isolation", connection.getTransactionIsolation()));
        pids.add(one("SELECT pg_backend_pid()"));
    }

    Jdbc work() throws Exception {
        everybody.await();
        simple();
        prepared();
        transactions();
        settings();
        fetch();
        batches();
        copy();
        cancel();
        denied();
        embed();
        leave();
        connection.close();
        return this;
    }

    static String json(Object value) {
        if (value instanceof Map) {
            return ((Map<?, ?>) value).entrySet().stream()
                .map(entry -> json(entry.getKey()) + ":" + json(entry.getValue())).collect(Collectors.joining(",", "{", "}"));
        }
        if (value instanceof List) {
            return ((List<?>) value).stream().map(Jdbc::json).collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof String) {
            return '"' + ((String) value).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
        return String.valueOf(value);
    }

    public static void main(String[] arguments) throws Exception {
        int connections = Integer.parseInt(arguments[0]);
        model = arguments[1];
        everybody = new CyclicBarrier(connections);
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        List<Future<Jdbc>> running = new ArrayList<>();
        for (int number = 1; number <= connections; number++) {
            int own = number;
            running.add(threads.submit(() -> new Jdbc(own).work()));
        }
        List<Object> found = new ArrayList<>(), said = new ArrayList<>(), pids = new ArrayList<>();
        try {
            for (Future<Jdbc> future : running) {
                Jdbc done = future.get();
                found.add(done.found);
                said.add(done.said);
                pids.add(done.pids);
            }
        } catch (Exception error) {
            error.printStackTrace();
            System.exit(1);
        }
        threads.shutdown();
        System.setOut(new java.io.PrintStream(System.out, true, "UTF-8"));
        System.out.println(json(Map.of("connections", found, "said", said, "pids", pids)));
    }
}
