using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Rights;

/// <summary>Checks that the settings of rights are complete for their mode.</summary>
internal sealed class RightsOptionsValidator : IValidateOptions<RightsOptions>
{
    private static readonly string[] Parameters = ["@user", "@group", "@channel"];

    public ValidateOptionsResult Validate(string? name, RightsOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        switch (options.Mode)
        {
            case RightsMode.Open:
                CheckUnused("Query", options.Query, RightsMode.Sql, options.Mode, result);
                CheckUnused("Url", options.Url, RightsMode.Http, options.Mode, result);
                break;
            case RightsMode.Sql:
                CheckQuery(options.Query, result);
                CheckUnused("Url", options.Url, RightsMode.Http, options.Mode, result);
                break;
            case RightsMode.Http:
                CheckCall(options, result);
                CheckUnused("Query", options.Query, RightsMode.Sql, options.Mode, result);
                break;
        }

        return result.Build();
    }

    // Without this a forgotten mode would let everyone into every room, and another one would ignore what the operator believes to be in force.
    private static void CheckUnused(string setting, string? value, RightsMode needed, RightsMode mode, ValidateOptionsResultBuilder result)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            result.AddError($"{RightsOptions.SectionName}:{setting} is set and {RightsOptions.SectionName}:Mode is {NameOf(mode)}; with it, Mode must be {NameOf(needed)}.");
        }
    }

    private static string NameOf(RightsMode mode) => mode switch
    {
        RightsMode.Sql => "sql",
        RightsMode.Http => "http",
        _ => "open",
    };

    // Names of variables do not depend on case, and @user_id is another one.
    private static bool Uses(string? query, string parameter) => Regex.IsMatch(query ?? "", $@"(?<!@){parameter}\b", RegexOptions.IgnoreCase);

    private static void CheckQuery(string? query, ValidateOptionsResultBuilder result)
    {
        var missing = Parameters.Where(parameter => !Uses(query, parameter)).ToArray();
        if (missing.Length > 0)
        {
            result.AddError($"{RightsOptions.SectionName}:Query {(string.IsNullOrWhiteSpace(query) ? "is not set" : $"does not use {string.Join(" and ", missing)}")}; "
                + $"with Mode=sql it must be one statement that uses {string.Join(", ", Parameters)} and returns one integer.");
        }
    }

    // The values are not shown: both may contain a secret.
    private static void CheckCall(RightsOptions options, ValidateOptionsResultBuilder result)
    {
        if (!Uri.TryCreate(options.Url, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            result.AddError($"{RightsOptions.SectionName}:Url {(string.IsNullOrWhiteSpace(options.Url) ? "is not set" : "is not an address of this form")}; "
                + "with Mode=http it must be an absolute address that begins with http:// or https://.");
        }

        if (options.Secret?.All(static letter => letter is > ' ' and <= '~') == false)
        {
            result.AddError($"{RightsOptions.SectionName}:Secret has a character that a header cannot carry; it must be visible ASCII without spaces.");
        }
    }
}
