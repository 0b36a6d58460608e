using Microsoft.Extensions.Options;

namespace Direct.Settings;

/// <summary>An options class and where it stands in the configuration.</summary>
internal interface IOptionsSection
{
    string Name { get; }

    Type OptionsType { get; }

    /// <summary>Whether other programs have settings of their own in it, which are not known here.</summary>
    bool IsShared { get; }

    /// <summary>The bound and validated options; throws <see cref="OptionsValidationException"/>.</summary>
    object Resolve(IServiceProvider services);
}
