using System.CommandLine;
using Direct.Compare;
using Direct.Compare.Machines;
using Direct.Compare.Options;
using Direct.Compare.Results;
using Direct.Compare.Servers;

const int Good = 0, Wrong = 2;
var command = new CompareCommand();
command.Root.SetAction((parsed, cancellationToken) => RunAsync(command, parsed, args, cancellationToken));
var parse = command.Root.Parse(args);
var patient = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(3) }; // a cluster takes some time to stop
return parse.Errors.Count > 0 ? Refuse([.. parse.Errors.Select(error => error.Message)]) : await parse.InvokeAsync(patient);

static async Task<int> RunAsync(CompareCommand command, ParseResult parsed, string[] args, CancellationToken cancellationToken)
{
    if (command.Read(parsed, out var errors) is not { } options)
    {
        return Refuse(errors);
    }

    if (Machine.Error(options.ServerCore, options.LoaderCore) is { } machineError)
    {
        return Refuse([machineError]);
    }

    try
    {
        var checkout = Checkout.Find();
        var (startedAt, machine) = (DateTime.Now, Machine.Describe());
        var revision = await Revision.DescribeAsync(checkout, cancellationToken);
        var written = (Page: "", Picture: "", Raw: "");
        await new ComparisonRun(options, checkout, Console.Error).RunAsync(
            (measurements, serversUnderTest, notes) => written = ResultFiles.Write(
                new Comparison(
                    options,
                    string.Join(' ', ["stress/compare", .. args.Select(Quoted)]),
                    startedAt,
                    machine,
                    revision,
                    [.. serversUnderTest.Select(serverUnderTest => (serverUnderTest.Name, Relative(serverUnderTest.Command, checkout)))],
                    measurements,
                    notes),
                checkout),
            cancellationToken);
        Console.WriteLine(await File.ReadAllTextAsync(written.Page, cancellationToken));
        Console.WriteLine($"{written.Page}\n{written.Picture}\n{written.Raw}");
        return Good;
    }
    catch (CompareException exception)
    {
        return Refuse([exception.Message]);
    }
    catch (OperationCanceledException)
    {
        return Refuse(["stopped; the rounds that were whole are in the results"]);
    }
}

static int Refuse(IReadOnlyList<string> errors)
{
    foreach (var error in errors)
    {
        Console.Error.WriteLine($"compare: {error}");
    }

    return Wrong;
}

static string Relative(string command, Checkout checkout) => command.Replace(checkout.Root + "/", "", StringComparison.Ordinal);

static string Quoted(string argument) => argument.Any(char.IsWhiteSpace) ? $"'{argument}'" : argument;
