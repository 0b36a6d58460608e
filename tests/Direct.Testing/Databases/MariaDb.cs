using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Testing.Databases;

/// <summary>
/// Represents a separate MariaDB server: a child process with a new data folder on a free loopback port, and one user with all privileges. It can be
/// stopped and started again on the same data. Disposing always ends the process and removes the folder.
/// </summary>
public sealed class MariaDb : IAsyncDisposable
{
    public const string User = "direct";
    public const string Password = "throw-away";

    /// <summary>Specifies a user that may read and write tables and is not an administrator: <c>init_connect</c> and connection limits apply to it.</summary>
    public const string PlainUser = "plain";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("direct-mariadb-").FullName;
    private readonly string[] _options;
    private readonly string[] _globals;
    private Process? _process;

    private MariaDb(string[] options, string[] globals) => (_options, _globals) = (options, globals);

    /// <summary>Gets why MariaDB cannot run on this machine, and how to install it; null when it can. Tests pass this to <c>Assert.SkipWhen</c>.</summary>
    public static string? WhyMissing { get; } = FindProgram("mariadbd") is null || FindProgram("mariadb-install-db") is null
        ? "MariaDB is not installed; get it: apt-get install mariadb-server"
        : null;

    public int Port { get; } = FreePort.Take();

    public int Pid => Running.Id;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Gets everything the server has logged, over all its runs.</summary>
    public string Log => File.Exists(LogPath) ? File.ReadAllText(LogPath) : "";

    private Process Running => _process ?? throw new InvalidOperationException("not started");

    private string LogPath => Path.Combine(_folder, "log");

    /// <summary>Starts a server and waits until the user can connect.</summary>
    public static Task<MariaDb> StartAsync() => StartAsync([], []);

    /// <summary>Starts a server with other defaults for new connections.</summary>
    /// <param name="options">The options of the server's command line.</param>
    /// <param name="globals">Assignments for <c>SET GLOBAL</c>. They take effect after the server has created its users.</param>
    public static async Task<MariaDb> StartAsync(string[] options, string[] globals)
    {
        var database = new MariaDb(options, globals);
        try
        {
            await database.InstallAsync();
            await database.StartAgainAsync();
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns a connection string for <c>MySqlConnector</c>, and for <c>Direct:Cluster:ConnectionString</c>.</summary>
    public string ConnectionString(string database = "direct", string user = User) =>
        string.Create(CultureInfo.InvariantCulture, $"Server=127.0.0.1;Port={Port};User ID={user};Password={Password};Database={database}");

    /// <summary>Starts the server again on the same port and data.</summary>
    public async Task StartAgainAsync()
    {
        _process?.Dispose();
        _process = Start(
            "mariadbd",
            [
                .. Installed,
                "--bind-address=127.0.0.1",
                FormattableString.Invariant($"--port={Port}"),
                "--socket=mariadb.sock", // relative to the data folder: a full path may be too long for a socket
                "--pid-file=mariadb.pid",
                $"--init-file={Path.Combine(_folder, "init.sql")}",
                $"--log-error={LogPath}",
                "--skip-name-resolve",
                "--performance-schema=OFF",
                "--table-open-cache=400",
                "--innodb-buffer-pool-size=32M",
                "--innodb-flush-log-at-trx-commit=0",
                .. _options,
            ]);
        await Deadline.UntilAsync($"MariaDB {Pid} answers on {Port}", IsReadyAsync, StartTimeout, () => Log);
    }

    /// <summary>Stops the server gracefully, and keeps its data.</summary>
    public async Task StopAsync()
    {
        await SendAsync("TERM");
        await Deadline.RunAsync($"MariaDB {Pid} stops", async token => await Running.WaitForExitAsync(token), StartTimeout, () => Log);
    }

    /// <summary>Sends an operating system signal by its name: TERM, STOP, CONT, KILL.</summary>
    public async Task SendAsync(string name)
    {
        using var kill = Process.Start("/bin/sh", ["-c", FormattableString.Invariant($"kill -{name} {Pid}")]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private IEnumerable<string> Installed =>
    [
        "--no-defaults",
        $"--datadir={Path.Combine(_folder, "data")}",
        $"--tmpdir={_folder}",
        "--innodb-log-file-size=8M",
        .. Environment.IsPrivilegedProcess ? ["--user=root"] : Array.Empty<string>(),
    ];

    private async Task InstallAsync()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "init.sql"),
            $"""
            CREATE DATABASE IF NOT EXISTS direct;
            CREATE USER IF NOT EXISTS '{User}'@'127.0.0.1' IDENTIFIED BY '{Password}';
            GRANT ALL PRIVILEGES ON *.* TO '{User}'@'127.0.0.1' WITH GRANT OPTION;
            CREATE USER IF NOT EXISTS '{PlainUser}'@'127.0.0.1' IDENTIFIED BY '{Password}';
            GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON *.* TO '{PlainUser}'@'127.0.0.1';
            {string.Join('\n', _globals.Select(assignment => $"SET GLOBAL {assignment};"))}

            """);
        using var install = Start("mariadb-install-db", [.. Installed, "--skip-test-db"], redirect: true);
        var (output, errors) = (install.StandardOutput.ReadToEndAsync(), install.StandardError.ReadToEndAsync());
        await Deadline.RunAsync("mariadb-install-db ends", async token => await install.WaitForExitAsync(token), StartTimeout);
        if (install.ExitCode != 0)
        {
            throw new NodeStartException($"mariadb-install-db: exit code {install.ExitCode}\n{await output}\n{await errors}");
        }
    }

    // Once the server listens, it has run the statements of --init-file. Its greeting begins with the length, a number and version 10 of the protocol.
    private async Task<bool> IsReadyAsync()
    {
        if (Running.HasExited)
        {
            throw new NodeStartException($"MariaDB exited with {Running.ExitCode} before it was ready:\n{Log}");
        }

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port);
            var greeting = new byte[5];
            await client.GetStream().ReadExactlyAsync(greeting);
            return greeting[4] == 10;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    private static Process Start(string program, IEnumerable<string> arguments, bool redirect = false)
    {
        var path = FindProgram(program) ?? throw new NodeStartException(WhyMissing!);
        return Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = redirect, RedirectStandardError = redirect })!;
    }

    // Debian installs servers in folders that are not in the PATH of an ordinary user.
    private static string? FindProgram(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin".Split(':')
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
