#!/usr/bin/perl
# DBD::Pg: prepares on the server from the second execution on and gives its statements up by DEALLOCATE, asynchronous
# queries, pg_putcopydata. A process for each connection, since that is how Perl serves many at a time.

use strict;
use warnings;
use utf8;
use DBD::Pg qw(:async);
use DBI;
use JSON::PP;
use List::Util qw(sum0);
use POSIX ();
use Time::HiRes qw(sleep);

my ($connections, $model) = @ARGV;
my @zones = ('Europe/Paris', 'Asia/Tokyo', 'UTC');
my $forbidden = "SELECT pg_read_file('/etc/passwd')";
my ($number, $base, $database, %found, @said, @pids);

sub one { return ($database->selectrow_array(@_))[0] }

sub insert {
    my ($offset) = @_;
    $database->do('INSERT INTO app.kept VALUES (' . ($base + $offset) . ')');
}

sub counted {
    my ($offset) = @_;
    return one('SELECT count(*) FROM app.kept WHERE id = ' . ($base + $offset)) + 0;
}

# The SQLSTATE of what fails, undef of what works.
sub failure {
    my ($work) = @_;
    return undef if eval { $work->(); 1 };
    die $@ unless $DBI::state;
    return $DBI::state;
}

sub simple {
    $found{application} = one('SHOW application_name');
    my @row = $database->selectrow_array("SELECT $number, 'it''s ü – $number'");
    $found{simple} = [$row[0] + 0, $row[1]];
}

sub prepared {
    my $mine = $database->prepare("SELECT ?::int + ${\($number * 100)}, ?::text, pg_backend_pid()");
    my $shared = $database->prepare('SELECT ?::int * 2');
    for my $round (0 .. 9) {
        $mine->execute($round, "round $round");
        my ($sum, $text, $pid) = $mine->fetchrow_array;
        $mine->finish;
        push @{ $found{prepared} }, [$sum + 0, $text];
        push @pids, $pid + 0;
        $shared->execute($round);
        push @{ $found{shared} }, ($shared->fetchrow_array)[0] + 0;
        $shared->finish;
    }
}

sub transactions {
    $database->begin_work;
    insert(1);
    $database->rollback;
    $database->begin_work;
    insert(2);
    $database->commit;
    $found{rolled_back} = counted(1);
    $found{committed} = counted(2);
    $database->begin_work;
    insert(3);
    $found{failed} = [map { my $text = $_; failure(sub { $database->do($text) }) } 'SELECT 1/0', 'SELECT 1'];
    $database->rollback;
    $found{after_failure} = one("SELECT $number") + 0;
    $database->begin_work;
    insert(4);
    $database->pg_savepoint('s');
    insert(5);
    $found{savepoint} = failure(sub { $database->do('SELECT 1/0') });
    $database->pg_rollback_to('s');
    insert(6);
    $database->commit;
}

sub settings {
    $database->do('SET statement_timeout = ' . (60000 + $number));
    $database->do("SET TimeZone = '$zones[$number % 3]'");
    $found{settings} = [map { [one('SHOW statement_timeout'), one('SHOW TimeZone')] } 1 .. 3];
    $database->begin_work;
    $database->do('SET LOCAL statement_timeout = 5000');
    $found{local} = [one('SHOW statement_timeout')];
    $database->commit;
    push @{ $found{local} }, one('SHOW statement_timeout');
    $database->begin_work;
    $database->do('SET statement_timeout = 7000');
    $found{undone} = [one('SHOW statement_timeout')];
    $database->rollback;
    push @{ $found{undone} }, one('SHOW statement_timeout');
    if ($number % 2 == 1) {
        $database->do('SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    }
    $found{isolation} = [map { one('SHOW transaction_isolation') } 1 .. 3];
}

sub fetch {
    $database->begin_work;
    $database->do("DECLARE numbers CURSOR FOR SELECT i + $base FROM generate_series(1, 100) AS t(i)");
    my @all;
    while (1) {
        my $rows = $database->selectcol_arrayref('FETCH 30 FROM numbers');
        last unless @$rows;
        push @all, @$rows;
    }
    $database->do('CLOSE numbers');
    $database->commit;
    $found{fetched} = [scalar @all, sum0(@all)];
}

sub batches {
    $database->begin_work;
    my $insert = $database->prepare('INSERT INTO app.kept VALUES (?, ?)');
    $found{batch} = $insert->execute_array({}, [map { $base + 100 + $_ } 0 .. 9], [('batch') x 10]) + 0;
    $database->commit;
    $database->begin_work;
    my $divide = $database->prepare('INSERT INTO app.kept VALUES (100 / ?::int)');
    $found{failed_batch} = failure(sub { $divide->execute($_) for 1, 0, 2 });
    $database->rollback;
}

sub copied {
    $database->do('COPY app.kept (id, body) FROM STDIN');
    $database->pg_putcopydata($base + 300 + $_ . "\tcopied\n") for 0 .. 49;
    $database->pg_putcopyend;
    my ($from, $to) = ($base + 300, $base + 399);
    $database->do("COPY (SELECT id FROM app.kept WHERE id BETWEEN $from AND $to) TO STDOUT");
    my ($line, @rows);
    push @rows, $line + 0 while $database->pg_getcopydata($line) >= 0;
    $found{copied} = [scalar @rows, sum0(@rows)];
}

sub cancel {
    $found{cancelled} = undef;
    if ($number > 1) {
        one('SELECT pg_sleep(0.01)') for 1 .. 4;
        return;
    }
    $database->do('SELECT pg_sleep(30)', { pg_async => PG_ASYNC });
    sleep 0.5;
    # True when the statement has ended with 57014.
    $found{cancelled} = $database->pg_cancel ? JSON::PP::true : JSON::PP::false;
}

sub denial {
    my ($work) = @_;
    my $state = failure($work);
    push @said, $database->pg_error_field('message_primary') if defined $state && $state eq '42501';
    return $state;
}

sub denied {
    my $placeholder = $database->prepare('SELECT pg_read_file(?)');
    my @states = (denial(sub { $database->do($forbidden) }), denial(sub { $placeholder->execute('/etc/passwd') }));
    $database->begin_work;
    insert(7);
    push @states, denial(sub { $database->do($forbidden) }), denial(sub { $database->do('SELECT 1') });
    $database->rollback;
    $found{denied} = \@states;
    $found{after_denied} = one("SELECT $number") + 0;
}

sub embed {
    my $vector = one('SELECT pgml.embed(?, ?)', undef, $model, 'That is a happy person');
    my $length = sqrt(sum0(map { $_ * $_ } @$vector));
    $found{embedding} = [scalar @$vector, map { sprintf('%.3f', $_) + 0 } $length, @$vector[0 .. 2]];
}

sub leave {
    my $text = 'SELECT id FROM app.kept WHERE id >= ? AND id < ? ORDER BY id';
    $found{kept} = [map { $_ + 0 } @{ $database->selectcol_arrayref($text, undef, $base, $base + 1000) }];
    # A ping is a query that is a comment; ready and pg_result are DBD::Pg's way to wait for an asynchronous statement.
    my $later = $database->prepare("SELECT $number", { pg_async => PG_ASYNC });
    $later->execute;
    sleep 0.01 until $later->pg_ready;
    $later->pg_result;
    $found{extra} = { ping => $database->ping + 0, later => ($later->fetchrow_array)[0] + 0 };
    push @pids, one('SELECT pg_backend_pid()') + 0;
}

sub work {
    my ($ready, $go) = @_;
    $base = $number * 1000;
    $database = DBI->connect("dbi:Pg:application_name='client $number'", undef, undef,
        { RaiseError => 1, PrintError => 0, AutoCommit => 1 });
    print {$ready} "ready\n";
    $ready->flush;
    readline $go;
    simple();
    prepared();
    transactions();
    settings();
    fetch();
    batches();
    copied();
    cancel();
    denied();
    embed();
    leave();
    $database->disconnect;
    print {$ready} encode_json({ found => \%found, said => \@said, pids => \@pids }), "\n";
    $ready->flush;
}

my @workers;
for my $each (1 .. $connections) {
    pipe my $from_worker, my $to_parent or die "pipe: $!";
    pipe my $from_parent, my $to_worker or die "pipe: $!";
    my $process = fork // die "fork: $!";
    if (!$process) {
        $number = $each;
        close $_->{to} for @workers;
        close $to_worker;
        my $worked = eval { work($to_parent, $from_parent); 1 };
        print STDERR "client $number: $@" unless $worked;
        POSIX::_exit($worked ? 0 : 1);
    }
    close $to_parent;
    close $from_parent;
    push @workers, { process => $process, from => $from_worker, to => $to_worker };
}
for my $worker (@workers) {
    my $ready = readline $worker->{from};
    die "a client could not connect\n" unless defined $ready && $ready eq "ready\n";
}
close $_->{to} for @workers;
my @records;
for my $worker (@workers) {
    my $line = readline $worker->{from};
    waitpid $worker->{process}, 0;
    die "a client failed\n" if $? || !defined $line;
    push @records, decode_json($line);
}
my %all = (
    connections => [map { $_->{found} } @records],
    said => [map { $_->{said} } @records],
    pids => [map { $_->{pids} } @records],
);
print encode_json(\%all), "\n";
