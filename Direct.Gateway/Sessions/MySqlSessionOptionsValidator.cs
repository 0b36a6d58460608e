using Microsoft.Extensions.Options;

namespace Direct.Gateway.Sessions;

internal sealed class MySqlSessionOptionsValidator : IValidateOptions<MySqlSessionOptions>
{
    public ValidateOptionsResult Validate(string? name, MySqlSessionOptions options) => MySqlConnectionString.FaultOf(options.ConnectionString) is { } fault
        ? ValidateOptionsResult.Fail($"{MySqlSessionOptions.SectionName}:ConnectionString {fault}; it must name the database with the sessions: "
            + "Server=…;Port=3306;User ID=…;Password=…;Database=….")
        : ValidateOptionsResult.Success;
}
